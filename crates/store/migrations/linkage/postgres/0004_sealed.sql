-- Which key store the pieces of this database are sealed under, and the last of its slots that was
-- ever referred to. One row; written when the database is made.
CREATE TABLE key_store (
    id BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    store BYTEA NOT NULL,
    highest BIGINT NOT NULL CHECK (highest >= 0)
);

-- body, sealed_manifest and link_map are sealed from here on; each names its key. manifest is empty.
-- erased_at: when the content of a delivery was destroyed.
ALTER TABLE chunk ADD COLUMN key_id BYTEA;
ALTER TABLE batch ADD COLUMN sealed_manifest BYTEA;
ALTER TABLE batch ADD COLUMN manifest_key BYTEA;
ALTER TABLE batch ADD COLUMN erased_at BIGINT;
ALTER TABLE snapshot ADD COLUMN key_id BYTEA;

-- When the rows of a withdrawn subject were destroyed; none while that is to be done.
ALTER TABLE withdrawn ADD COLUMN erased_at BIGINT;

-- key_check_value is sealed; both are gone once the epoch is closed.
ALTER TABLE epoch ADD COLUMN key_id BYTEA;
ALTER TABLE epoch ADD COLUMN closed_at BIGINT;

-- A comparison of an epoch whose pairs are kept. basis: digest of what was compared and how; tiling:
-- how it was cut into tiles, the first of which that is not on the disk is next_tile. sources, sealed,
-- are the subjects by source and row.
CREATE TABLE comparison (
    comparison TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    project TEXT COLLATE "C" NOT NULL,
    epoch TEXT COLLATE "C" NOT NULL,
    basis BYTEA NOT NULL,
    tiling TEXT COLLATE "C" NOT NULL,
    floor BIGINT NOT NULL CHECK (floor > 0),
    next_tile BIGINT NOT NULL CHECK (next_tile >= 0),
    pairs BIGINT NOT NULL CHECK (pairs >= 0),
    complete BIGINT NOT NULL CHECK (complete IN (0, 1)),
    created_at BIGINT NOT NULL,
    sources BYTEA NOT NULL,
    key_id BYTEA NOT NULL
);

CREATE INDEX comparison_epoch ON comparison (project, epoch);

-- Pairs of some tiles in a row, sealed.
CREATE TABLE pair_chunk (
    comparison TEXT COLLATE "C" NOT NULL,
    idx BIGINT NOT NULL CHECK (idx >= 0),
    pairs BIGINT NOT NULL CHECK (pairs >= 0),
    body BYTEA NOT NULL,
    key_id BYTEA NOT NULL,
    PRIMARY KEY (comparison, idx),
    FOREIGN KEY (comparison) REFERENCES comparison (comparison)
);
