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

-- Snapshots accepted from the linkage unit, each once.
CREATE TABLE snapshot (
    snapshot TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    project TEXT COLLATE "C" NOT NULL,
    epoch TEXT COLLATE "C" NOT NULL,
    statement TEXT COLLATE "C" NOT NULL,
    link_map BYTEA NOT NULL,
    digest BYTEA NOT NULL,
    accepted_at BIGINT NOT NULL,
    sequence BIGINT NOT NULL
);

-- What was spent. rho in 1e-9, delta in 1e-15. No row is ever deleted and no price changed.
CREATE TABLE charge (
    charge TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    project TEXT COLLATE "C" NOT NULL,
    snapshot TEXT COLLATE "C" NOT NULL REFERENCES snapshot (snapshot),
    purpose TEXT COLLATE "C" NOT NULL,
    analyst TEXT COLLATE "C" NOT NULL,
    query_digest BYTEA NOT NULL,
    idempotency_key TEXT COLLATE "C" NOT NULL,
    request TEXT COLLATE "C" NOT NULL,
    rho BIGINT NOT NULL CHECK (rho >= 0),
    delta BIGINT NOT NULL CHECK (delta >= 0),
    state TEXT COLLATE "C" NOT NULL CHECK (state IN ('committed', 'drawing', 'released', 'failed', 'void')),
    sequence BIGINT NOT NULL UNIQUE,
    head BYTEA NOT NULL,
    answer BYTEA,
    created_at BIGINT NOT NULL,
    UNIQUE (analyst, idempotency_key),
    CHECK ((answer IS NULL) = (state IN ('committed', 'drawing')))
);

CREATE UNIQUE INDEX charge_open ON charge (snapshot, query_digest)
    WHERE state IN ('committed', 'drawing', 'released');
CREATE INDEX charge_purpose ON charge (project, purpose);
CREATE INDEX charge_analyst ON charge (project, analyst);

-- The event years that a charge is taken from, each in full.
CREATE TABLE charge_lineage (
    charge TEXT COLLATE "C" NOT NULL REFERENCES charge (charge),
    project TEXT COLLATE "C" NOT NULL,
    year BIGINT NOT NULL,
    rho BIGINT NOT NULL CHECK (rho >= 0),
    delta BIGINT NOT NULL CHECK (delta >= 0),
    PRIMARY KEY (charge, year)
);

CREATE INDEX charge_lineage_sum ON charge_lineage (project, year);
