-- The latest time of this entry and all before. Entries of earlier versions have none but for the
-- last.
ALTER TABLE log ADD COLUMN latest INTEGER;
UPDATE log SET latest = (SELECT MAX(CAST(json_extract(entry, '$.at') AS INTEGER)) FROM log)
    WHERE sequence = (SELECT MAX(sequence) FROM log);
