-- +goose Up
-- How far each webhook is in each log; see store.Lane.
CREATE TABLE lane (
    space    INTEGER NOT NULL,
    follower TEXT NOT NULL,
    log      INTEGER NOT NULL,
    seq      INTEGER NOT NULL,
    due      INTEGER NOT NULL DEFAULT 0,
    recalled INTEGER NOT NULL DEFAULT 0,
    back     INTEGER NOT NULL DEFAULT -1,
    holder   TEXT NOT NULL DEFAULT '',
    until    INTEGER NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX lane_id ON lane (space, follower, log);
CREATE INDEX lane_log ON lane (log);

CREATE TABLE parked (
    space    INTEGER NOT NULL,
    follower TEXT NOT NULL,
    log      INTEGER NOT NULL,
    seq      INTEGER NOT NULL,
    kind     TEXT NOT NULL,
    id       TEXT NOT NULL,
    due      INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    since    INTEGER NOT NULL,
    reason   TEXT NOT NULL
);
CREATE UNIQUE INDEX parked_id ON parked (space, follower, log, seq);
CREATE INDEX parked_log ON parked (log);

CREATE TABLE hook_call (
    n        INTEGER PRIMARY KEY AUTOINCREMENT,
    space    INTEGER NOT NULL,
    follower TEXT NOT NULL,
    id       TEXT NOT NULL,
    summary  BLOB NOT NULL,
    detail   BLOB NOT NULL
);
CREATE INDEX hook_call_n ON hook_call (space, follower, n);

-- Webhooks that are there already begin with what happens from now on.
INSERT INTO lane (space, follower, log, seq)
    SELECT head.scope, head.id, scope.id, scope.seq FROM head JOIN scope ON scope.id = head.scope OR scope.parent = head.scope
    WHERE head.kind = 'WebhookDefinition';

-- +goose Down
DROP TABLE hook_call;
DROP TABLE parked;
DROP TABLE lane;
