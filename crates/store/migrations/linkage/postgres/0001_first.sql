-- Which unit's database this is. One row; written once, when the database is made.
CREATE TABLE installation (
    id BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    unit TEXT COLLATE "C" NOT NULL,
    installation TEXT COLLATE "C" NOT NULL
);

-- The hash chain: entry is the canonical form that was hashed. Append only.
CREATE TABLE log (
    sequence BIGINT NOT NULL PRIMARY KEY CHECK (sequence > 0),
    entry TEXT COLLATE "C" NOT NULL,
    hash BYTEA NOT NULL
);

-- Signed statements about the head of the log.
CREATE TABLE checkpoint (
    sequence BIGINT NOT NULL PRIMARY KEY,
    hash BYTEA NOT NULL,
    at BIGINT NOT NULL,
    signature BYTEA NOT NULL
);

-- One delivery of one department; sequence is the log entry of its completion.
CREATE TABLE batch (
    project TEXT COLLATE "C" NOT NULL,
    department TEXT COLLATE "C" NOT NULL,
    batch TEXT COLLATE "C" NOT NULL,
    epoch TEXT COLLATE "C" NOT NULL,
    dataset TEXT COLLATE "C" NOT NULL,
    period TEXT COLLATE "C" NOT NULL,
    mode TEXT COLLATE "C" NOT NULL CHECK (mode IN ('full', 'amend')),
    state TEXT COLLATE "C" NOT NULL CHECK (state IN ('receiving', 'complete', 'superseded')),
    manifest TEXT COLLATE "C" NOT NULL,
    manifest_digest BYTEA NOT NULL,
    body_digest BYTEA NOT NULL,
    rows BIGINT NOT NULL CHECK (rows >= 0),
    chunk_count BIGINT NOT NULL CHECK (chunk_count >= 0),
    receipt TEXT COLLATE "C",
    sequence BIGINT,
    received_at BIGINT NOT NULL,
    PRIMARY KEY (project, department, batch)
);

CREATE INDEX batch_live ON batch (project, epoch, state, sequence);

-- The content of a delivery, piece by piece.
CREATE TABLE chunk (
    project TEXT COLLATE "C" NOT NULL,
    department TEXT COLLATE "C" NOT NULL,
    batch TEXT COLLATE "C" NOT NULL,
    idx BIGINT NOT NULL CHECK (idx >= 0),
    digest BYTEA NOT NULL,
    body BYTEA NOT NULL,
    PRIMARY KEY (project, department, batch, idx),
    FOREIGN KEY (project, department, batch) REFERENCES batch (project, department, batch)
);

-- Subjects of earlier deliveries that no longer count.
CREATE TABLE withdrawn (
    project TEXT COLLATE "C" NOT NULL,
    epoch TEXT COLLATE "C" NOT NULL,
    department TEXT COLLATE "C" NOT NULL,
    subject BYTEA NOT NULL,
    by_batch TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (project, epoch, department, subject)
);

-- How long a key lives, and what every batch under it is compared with.
CREATE TABLE epoch (
    project TEXT COLLATE "C" NOT NULL,
    epoch TEXT COLLATE "C" NOT NULL,
    schema_digest BYTEA NOT NULL,
    key_check_value BYTEA,
    state TEXT COLLATE "C" NOT NULL CHECK (state IN ('open', 'closed')),
    opened_at BIGINT NOT NULL,
    PRIMARY KEY (project, epoch)
);

-- Frozen results of linkage; statement is the canonical JSON of the batches that went in.
CREATE TABLE snapshot (
    snapshot TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    project TEXT COLLATE "C" NOT NULL,
    epoch TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL CHECK (state IN ('frozen', 'transferred')),
    created_at BIGINT NOT NULL,
    statement TEXT COLLATE "C" NOT NULL,
    link_map BYTEA NOT NULL,
    digest BYTEA NOT NULL,
    transfers BIGINT NOT NULL CHECK (transfers >= 0),
    sequence BIGINT NOT NULL
);
