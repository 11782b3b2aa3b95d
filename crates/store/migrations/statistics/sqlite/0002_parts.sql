-- The tables of a charge: one for a single question, several for a run of a release plan. idx is
-- the position of its document in the answer, from 0. question is the digest of what is asked
-- without its price; charges of earlier versions have none and are found by query_digest alone.
CREATE TABLE charge_part (
    charge TEXT NOT NULL REFERENCES charge (charge),
    idx INTEGER NOT NULL CHECK (idx >= 0),
    snapshot TEXT NOT NULL,
    query_digest BLOB NOT NULL,
    question BLOB,
    rho INTEGER NOT NULL CHECK (rho >= 0),
    delta INTEGER NOT NULL CHECK (delta >= 0),
    PRIMARY KEY (charge, idx)
) STRICT;

CREATE INDEX charge_part_query ON charge_part (snapshot, query_digest);
CREATE INDEX charge_part_question ON charge_part (snapshot, question);

INSERT INTO charge_part (charge, idx, snapshot, query_digest, rho, delta)
    SELECT charge, 0, snapshot, query_digest, rho, delta FROM charge;
