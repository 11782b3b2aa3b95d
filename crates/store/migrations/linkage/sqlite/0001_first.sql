-- Which unit's database this is. One row; written once, when the database is made.
CREATE TABLE installation (
    id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    unit TEXT NOT NULL,
    installation TEXT NOT NULL
) STRICT;

-- The hash chain: entry is the canonical form that was hashed. Append only.
CREATE TABLE log (
    sequence INTEGER NOT NULL PRIMARY KEY CHECK (sequence > 0),
    entry TEXT NOT NULL,
    hash BLOB NOT NULL
) STRICT;

-- Signed statements about the head of the log.
CREATE TABLE checkpoint (
    sequence INTEGER NOT NULL PRIMARY KEY,
    hash BLOB NOT NULL,
    at INTEGER NOT NULL,
    signature BLOB NOT NULL
) STRICT;

-- One delivery of one department; sequence is the log entry of its completion.
CREATE TABLE batch (
    project TEXT NOT NULL,
    department TEXT NOT NULL,
    batch TEXT NOT NULL,
    epoch TEXT NOT NULL,
    dataset TEXT NOT NULL,
    period TEXT NOT NULL,
    mode TEXT NOT NULL CHECK (mode IN ('full', 'amend')),
    state TEXT NOT NULL CHECK (state IN ('receiving', 'complete', 'superseded')),
    manifest TEXT NOT NULL,
    manifest_digest BLOB NOT NULL,
    body_digest BLOB NOT NULL,
    rows INTEGER NOT NULL CHECK (rows >= 0),
    chunk_count INTEGER NOT NULL CHECK (chunk_count >= 0),
    receipt TEXT,
    sequence INTEGER,
    received_at INTEGER NOT NULL,
    PRIMARY KEY (project, department, batch)
) STRICT;

CREATE INDEX batch_live ON batch (project, epoch, state, sequence);

-- The content of a delivery, piece by piece.
CREATE TABLE chunk (
    project TEXT NOT NULL,
    department TEXT NOT NULL,
    batch TEXT NOT NULL,
    idx INTEGER NOT NULL CHECK (idx >= 0),
    digest BLOB NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (project, department, batch, idx),
    FOREIGN KEY (project, department, batch) REFERENCES batch (project, department, batch)
) STRICT;

-- Subjects of earlier deliveries that no longer count.
CREATE TABLE withdrawn (
    project TEXT NOT NULL,
    epoch TEXT NOT NULL,
    department TEXT NOT NULL,
    subject BLOB NOT NULL,
    by_batch TEXT NOT NULL,
    PRIMARY KEY (project, epoch, department, subject)
) STRICT;

-- How long a key lives, and what every batch under it is compared with.
CREATE TABLE epoch (
    project TEXT NOT NULL,
    epoch TEXT NOT NULL,
    schema_digest BLOB NOT NULL,
    key_check_value BLOB,
    state TEXT NOT NULL CHECK (state IN ('open', 'closed')),
    opened_at INTEGER NOT NULL,
    PRIMARY KEY (project, epoch)
) STRICT;

-- Frozen results of linkage; statement is the canonical JSON of the batches that went in.
CREATE TABLE snapshot (
    snapshot TEXT NOT NULL PRIMARY KEY,
    project TEXT NOT NULL,
    epoch TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('frozen', 'transferred')),
    created_at INTEGER NOT NULL,
    statement TEXT NOT NULL,
    link_map BLOB NOT NULL,
    digest BLOB NOT NULL,
    transfers INTEGER NOT NULL CHECK (transfers >= 0),
    sequence INTEGER NOT NULL
) STRICT;
