-- Which period of the project's schedule a snapshot was frozen for; none where somebody started it.
ALTER TABLE snapshot ADD COLUMN period TEXT COLLATE "C";
-- What the run counted, as JSON; never leaves the linkage unit but for its operator.
ALTER TABLE snapshot ADD COLUMN report TEXT COLLATE "C";

-- A period is frozen once, whoever is first.
CREATE UNIQUE INDEX snapshot_period ON snapshot (project, period)
    WHERE period IS NOT NULL;
