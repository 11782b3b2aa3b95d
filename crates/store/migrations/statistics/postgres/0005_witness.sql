-- What the other unit keeps of this log: the receipt of a charge is the first one whose sequence
-- is not below the charge's. generation counts restores.
CREATE TABLE witnessed (
    sequence BIGINT NOT NULL PRIMARY KEY,
    generation BIGINT NOT NULL CHECK (generation >= 0),
    head BYTEA NOT NULL,
    statement TEXT COLLATE "C" NOT NULL,
    receipt TEXT COLLATE "C" NOT NULL,
    at BIGINT NOT NULL
);

-- What this unit keeps of the other one's log. Append only.
CREATE TABLE held (
    generation BIGINT NOT NULL CHECK (generation >= 0),
    sequence BIGINT NOT NULL,
    head BYTEA NOT NULL,
    statement TEXT COLLATE "C" NOT NULL,
    entry BIGINT NOT NULL,
    entry_head BYTEA NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (generation, sequence)
);

-- What the other unit has stated to have spent; never becomes less.
CREATE TABLE held_spent (
    project TEXT COLLATE "C" NOT NULL,
    year BIGINT NOT NULL,
    rho BIGINT NOT NULL CHECK (rho >= 0),
    delta BIGINT NOT NULL CHECK (delta >= 0),
    PRIMARY KEY (project, year)
);

-- Heads that an officer countersigned, of either unit's log. document is the file as it came.
CREATE TABLE countersigned (
    unit TEXT COLLATE "C" NOT NULL,
    generation BIGINT NOT NULL CHECK (generation >= 0),
    sequence BIGINT NOT NULL,
    head BYTEA NOT NULL,
    officer TEXT COLLATE "C" NOT NULL,
    document TEXT COLLATE "C" NOT NULL,
    signed_at BIGINT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (unit, generation, sequence, officer)
);

-- Restores of this log that two people approved. sequence is the log entry of each.
CREATE TABLE restored (
    generation BIGINT NOT NULL PRIMARY KEY CHECK (generation > 0),
    sequence BIGINT NOT NULL,
    ceremony TEXT COLLATE "C" NOT NULL,
    at BIGINT NOT NULL
);

-- Charges of kind burnt: what a restore took from a lineage because it was spent and lost.
CREATE TABLE burnt (
    sequence BIGINT NOT NULL,
    project TEXT COLLATE "C" NOT NULL,
    year BIGINT NOT NULL,
    rho BIGINT NOT NULL CHECK (rho >= 0),
    delta BIGINT NOT NULL CHECK (delta >= 0),
    PRIMARY KEY (sequence, project, year)
);
