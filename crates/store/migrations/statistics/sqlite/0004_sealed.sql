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

-- First event year whose rows are kept; those of earlier ones are past their retention and gone.
ALTER TABLE batch ADD COLUMN kept_from INTEGER;

-- Subjects of whom no row is left, because all were past their retention. Random ids.
CREATE TABLE vanished (
    project TEXT NOT NULL,
    epoch TEXT NOT NULL,
    department TEXT NOT NULL,
    subject BLOB NOT NULL,
    PRIMARY KEY (project, epoch, department, subject)
) STRICT;
