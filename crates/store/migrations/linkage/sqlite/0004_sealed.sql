-- Which key store the pieces of this database are sealed under, and the last of its slots that was
-- ever referred to. One row; written when the database is made.
CREATE TABLE key_store (
    id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    store BLOB NOT NULL,
    highest INTEGER NOT NULL CHECK (highest >= 0)
) STRICT;

-- body, sealed_manifest and link_map are sealed from here on; each names its key. manifest is empty.
-- erased_at: when the content of a delivery was destroyed.
ALTER TABLE chunk ADD COLUMN key_id BLOB;
ALTER TABLE batch ADD COLUMN sealed_manifest BLOB;
ALTER TABLE batch ADD COLUMN manifest_key BLOB;
ALTER TABLE batch ADD COLUMN erased_at INTEGER;
ALTER TABLE snapshot ADD COLUMN key_id BLOB;

-- When the rows of a withdrawn subject were destroyed; none while that is to be done.
ALTER TABLE withdrawn ADD COLUMN erased_at INTEGER;

-- key_check_value is sealed; both are gone once the epoch is closed.
ALTER TABLE epoch ADD COLUMN key_id BLOB;
ALTER TABLE epoch ADD COLUMN closed_at INTEGER;

-- A comparison of an epoch whose pairs are kept. basis: digest of what was compared and how; tiling:
-- how it was cut into tiles, the first of which that is not on the disk is next_tile. sources, sealed,
-- are the subjects by source and row.
CREATE TABLE comparison (
    comparison TEXT NOT NULL PRIMARY KEY,
    project TEXT NOT NULL,
    epoch TEXT NOT NULL,
    basis BLOB NOT NULL,
    tiling TEXT NOT NULL,
    floor INTEGER NOT NULL CHECK (floor > 0),
    next_tile INTEGER NOT NULL CHECK (next_tile >= 0),
    pairs INTEGER NOT NULL CHECK (pairs >= 0),
    complete INTEGER NOT NULL CHECK (complete IN (0, 1)),
    created_at INTEGER NOT NULL,
    sources BLOB NOT NULL,
    key_id BLOB NOT NULL
) STRICT;

CREATE INDEX comparison_epoch ON comparison (project, epoch);

-- Pairs of some tiles in a row, sealed.
CREATE TABLE pair_chunk (
    comparison TEXT NOT NULL,
    idx INTEGER NOT NULL CHECK (idx >= 0),
    pairs INTEGER NOT NULL CHECK (pairs >= 0),
    body BLOB NOT NULL,
    key_id BLOB NOT NULL,
    PRIMARY KEY (comparison, idx),
    FOREIGN KEY (comparison) REFERENCES comparison (comparison)
) STRICT;
