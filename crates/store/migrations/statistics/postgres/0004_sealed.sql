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

-- First event year whose rows are kept; those of earlier ones are past their retention and gone.
ALTER TABLE batch ADD COLUMN kept_from BIGINT;

-- Subjects of whom no row is left, because all were past their retention. Random ids.
CREATE TABLE vanished (
    project TEXT COLLATE "C" NOT NULL,
    epoch TEXT COLLATE "C" NOT NULL,
    department TEXT COLLATE "C" NOT NULL,
    subject BYTEA NOT NULL,
    PRIMARY KEY (project, epoch, department, subject)
);
