-- What needs a second person. about is the canonical JSON of what is bound, digest its SHA-256;
-- proposer is missing where the unit itself proposed a folder it found at its start.
CREATE TABLE proposal (
    proposal TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    project TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    about TEXT COLLATE "C" NOT NULL,
    digest BYTEA NOT NULL,
    proposer TEXT COLLATE "C",
    state TEXT COLLATE "C" NOT NULL CHECK (state IN ('open', 'approved', 'used')),
    proposed_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    sequence BIGINT NOT NULL
);

CREATE INDEX proposal_digest ON proposal (project, kind, digest);

-- Who approved, in which project they did.
CREATE TABLE approval (
    proposal TEXT COLLATE "C" NOT NULL REFERENCES proposal (proposal),
    approver TEXT COLLATE "C" NOT NULL,
    project TEXT COLLATE "C" NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (proposal, approver)
);

-- The pieces of policy that are in force, each by the digest that was approved. content is the
-- text of the rules of access, so that the earlier ones hold until newer ones are approved.
CREATE TABLE agreed (
    project TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    digest BYTEA NOT NULL,
    content TEXT COLLATE "C",
    proposal TEXT COLLATE "C" NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (project, kind, name)
);
