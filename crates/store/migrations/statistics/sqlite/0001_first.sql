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

-- Snapshots accepted from the linkage unit, each once.
CREATE TABLE snapshot (
    snapshot TEXT NOT NULL PRIMARY KEY,
    project TEXT NOT NULL,
    epoch TEXT NOT NULL,
    statement TEXT NOT NULL,
    link_map BLOB NOT NULL,
    digest BLOB NOT NULL,
    accepted_at INTEGER NOT NULL,
    sequence INTEGER NOT NULL
) STRICT;

-- What was spent. rho in 1e-9, delta in 1e-15. No row is ever deleted and no price changed.
CREATE TABLE charge (
    charge TEXT NOT NULL PRIMARY KEY,
    project TEXT NOT NULL,
    snapshot TEXT NOT NULL REFERENCES snapshot (snapshot),
    purpose TEXT NOT NULL,
    analyst TEXT NOT NULL,
    query_digest BLOB NOT NULL,
    idempotency_key TEXT NOT NULL,
    request TEXT NOT NULL,
    rho INTEGER NOT NULL CHECK (rho >= 0),
    delta INTEGER NOT NULL CHECK (delta >= 0),
    state TEXT NOT NULL CHECK (state IN ('committed', 'drawing', 'released', 'failed', 'void')),
    sequence INTEGER NOT NULL UNIQUE,
    head BLOB NOT NULL,
    answer BLOB,
    created_at INTEGER NOT NULL,
    UNIQUE (analyst, idempotency_key),
    CHECK ((answer IS NULL) = (state IN ('committed', 'drawing')))
) STRICT;

CREATE UNIQUE INDEX charge_open ON charge (snapshot, query_digest)
    WHERE state IN ('committed', 'drawing', 'released');
CREATE INDEX charge_purpose ON charge (project, purpose);
CREATE INDEX charge_analyst ON charge (project, analyst);

-- The event years that a charge is taken from, each in full.
CREATE TABLE charge_lineage (
    charge TEXT NOT NULL REFERENCES charge (charge),
    project TEXT NOT NULL,
    year INTEGER NOT NULL,
    rho INTEGER NOT NULL CHECK (rho >= 0),
    delta INTEGER NOT NULL CHECK (delta >= 0),
    PRIMARY KEY (charge, year)
) STRICT;

CREATE INDEX charge_lineage_sum ON charge_lineage (project, year);
