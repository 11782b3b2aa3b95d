-- The tables of a charge: one for a single question, several for a run of a release plan. idx is
-- the position of its document in the answer, from 0. question is the digest of what is asked
-- without its price; charges of earlier versions have none and are found by query_digest alone.
CREATE TABLE charge_part (
    charge TEXT COLLATE "C" NOT NULL REFERENCES charge (charge),
    idx BIGINT NOT NULL CHECK (idx >= 0),
    snapshot TEXT COLLATE "C" NOT NULL,
    query_digest BYTEA NOT NULL,
    question BYTEA,
    rho BIGINT NOT NULL CHECK (rho >= 0),
    delta BIGINT NOT NULL CHECK (delta >= 0),
    PRIMARY KEY (charge, idx)
);

CREATE INDEX charge_part_query ON charge_part (snapshot, query_digest);
CREATE INDEX charge_part_question ON charge_part (snapshot, question);

INSERT INTO charge_part (charge, idx, snapshot, query_digest, rho, delta)
    SELECT charge, 0, snapshot, query_digest, rho, delta FROM charge;
