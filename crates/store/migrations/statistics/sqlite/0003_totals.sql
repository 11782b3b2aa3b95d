-- What was spent so far. Written in the transaction of each charge and by nothing else, compared
-- with the rows of charge and charge_lineage at each start. what is 'lineage' (name: the event
-- year), 'purpose' or 'analyst'.
CREATE TABLE spent (
    project TEXT NOT NULL,
    what TEXT NOT NULL CHECK (what IN ('lineage', 'purpose', 'analyst')),
    name TEXT NOT NULL,
    rho INTEGER NOT NULL CHECK (rho >= 0),
    delta INTEGER NOT NULL CHECK (delta >= 0),
    PRIMARY KEY (project, what, name)
) STRICT;

-- The same by quarter of charging, UTC: quarter is ten times the year plus 1 to 4.
CREATE TABLE spent_quarter (
    project TEXT NOT NULL,
    purpose TEXT NOT NULL,
    quarter INTEGER NOT NULL,
    analyst TEXT NOT NULL,
    rho INTEGER NOT NULL CHECK (rho >= 0),
    delta INTEGER NOT NULL CHECK (delta >= 0),
    PRIMARY KEY (project, purpose, quarter, analyst)
) STRICT;

-- month of charging, UTC, as a hundred times the year plus 1 to 12. datasets that the charge read,
-- in order, with a blank between two; charges of earlier versions have none.
ALTER TABLE charge ADD COLUMN month INTEGER;
ALTER TABLE charge ADD COLUMN datasets TEXT;
UPDATE charge SET month = CAST(strftime('%Y%m', created_at, 'unixepoch') AS INTEGER);

-- The latest time of this entry and all before: what a clock that was set back is compared with.
-- Entries of earlier versions have none but for the last.
ALTER TABLE log ADD COLUMN latest INTEGER;
UPDATE log SET latest = (SELECT MAX(CAST(json_extract(entry, '$.at') AS INTEGER)) FROM log)
    WHERE sequence = (SELECT MAX(sequence) FROM log);

INSERT INTO spent (project, what, name, rho, delta)
    SELECT project, 'lineage', CAST(year AS VARCHAR), SUM(rho), SUM(delta)
    FROM charge_lineage GROUP BY project, year;
INSERT INTO spent (project, what, name, rho, delta)
    SELECT project, 'purpose', purpose, SUM(rho), SUM(delta) FROM charge GROUP BY project, purpose;
INSERT INTO spent (project, what, name, rho, delta)
    SELECT project, 'analyst', analyst, SUM(rho), SUM(delta) FROM charge GROUP BY project, analyst;
INSERT INTO spent_quarter (project, purpose, quarter, analyst, rho, delta)
    SELECT project, purpose, month / 100 * 10 + (month % 100 + 2) / 3, analyst, SUM(rho), SUM(delta)
    FROM charge GROUP BY 1, 2, 3, 4;

-- They served the sums, which are no longer taken over rows.
DROP INDEX charge_purpose;
DROP INDEX charge_analyst;
DROP INDEX charge_lineage_sum;
