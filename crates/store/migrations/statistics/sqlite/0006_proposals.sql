-- What needs a second person. about is the canonical JSON of what is bound, digest its SHA-256;
-- proposer is missing where the unit itself proposed a folder it found at its start.
CREATE TABLE proposal (
    proposal TEXT NOT NULL PRIMARY KEY,
    project TEXT NOT NULL,
    kind TEXT NOT NULL,
    about TEXT NOT NULL,
    digest BLOB NOT NULL,
    proposer TEXT,
    state TEXT NOT NULL CHECK (state IN ('open', 'approved', 'used')),
    proposed_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    sequence INTEGER NOT NULL
) STRICT;

CREATE INDEX proposal_digest ON proposal (project, kind, digest);

-- Who approved, in which project they did.
CREATE TABLE approval (
    proposal TEXT NOT NULL REFERENCES proposal (proposal),
    approver TEXT NOT NULL,
    project TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (proposal, approver)
) STRICT;

-- The pieces of policy that are in force, each by the digest that was approved. content is the
-- text of the rules of access, so that the earlier ones hold until newer ones are approved.
CREATE TABLE agreed (
    project TEXT NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    digest BLOB NOT NULL,
    content TEXT,
    proposal TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (project, kind, name)
) STRICT;
