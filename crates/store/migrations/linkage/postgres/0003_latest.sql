-- The latest time of this entry and all before. Entries of earlier versions have none but for the
-- last.
ALTER TABLE log ADD COLUMN latest BIGINT;
UPDATE log SET latest = (SELECT MAX(CAST(CAST(entry AS JSON)->>'at' AS BIGINT)) FROM log)
    WHERE sequence = (SELECT MAX(sequence) FROM log);
