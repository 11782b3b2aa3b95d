-- What the other unit keeps of this log: the receipt of a charge is the first one whose sequence
-- is not below the charge's. generation counts restores.
CREATE TABLE witnessed (
    sequence INTEGER NOT NULL PRIMARY KEY,
    generation INTEGER NOT NULL CHECK (generation >= 0),
    head BLOB NOT NULL,
    statement TEXT NOT NULL,
    receipt TEXT NOT NULL,
    at INTEGER NOT NULL
) STRICT;

-- What this unit keeps of the other one's log. Append only.
CREATE TABLE held (
    generation INTEGER NOT NULL CHECK (generation >= 0),
    sequence INTEGER NOT NULL,
    head BLOB NOT NULL,
    statement TEXT NOT NULL,
    entry INTEGER NOT NULL,
    entry_head BLOB NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (generation, sequence)
) STRICT;

-- What the other unit has stated to have spent; never becomes less.
CREATE TABLE held_spent (
    project TEXT NOT NULL,
    year INTEGER NOT NULL,
    rho INTEGER NOT NULL CHECK (rho >= 0),
    delta INTEGER NOT NULL CHECK (delta >= 0),
    PRIMARY KEY (project, year)
) STRICT;

-- Heads that an officer countersigned, of either unit's log. document is the file as it came.
CREATE TABLE countersigned (
    unit TEXT NOT NULL,
    generation INTEGER NOT NULL CHECK (generation >= 0),
    sequence INTEGER NOT NULL,
    head BLOB NOT NULL,
    officer TEXT NOT NULL,
    document TEXT NOT NULL,
    signed_at INTEGER NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (unit, generation, sequence, officer)
) STRICT;

-- Restores of this log that two people approved. sequence is the log entry of each.
CREATE TABLE restored (
    generation INTEGER NOT NULL PRIMARY KEY CHECK (generation > 0),
    sequence INTEGER NOT NULL,
    ceremony TEXT NOT NULL,
    at INTEGER NOT NULL
) STRICT;
