-- +goose Up
-- The history of a resource is read without the log around it.
CREATE INDEX change_of ON change (scope, kind, id, seq);

-- The logs that the history of a scope is read from, each up to a change: its own,
-- and those of the environments it was copied from. A dropped environment keeps its
-- log for its copies.
ALTER TABLE scope ADD COLUMN dropped BIGINT NOT NULL DEFAULT 0;
CREATE TABLE past (
    scope  BIGINT NOT NULL,
    source BIGINT NOT NULL,
    seq    BIGINT NOT NULL
);
CREATE UNIQUE INDEX past_scope ON past (scope, source);
CREATE INDEX past_source ON past (source);
INSERT INTO past (scope, source, seq) SELECT id, id, 9223372036854775807 FROM scope;

-- What was deleted and may come back: its head, and the change that deleted it.
CREATE TABLE trash (
    scope              BIGINT NOT NULL,
    kind               TEXT COLLATE "C" NOT NULL,
    id                 TEXT COLLATE "C" NOT NULL,
    content_type       TEXT COLLATE "C" NOT NULL,
    version            BIGINT NOT NULL,
    created_at         BIGINT NOT NULL,
    updated_at         BIGINT NOT NULL,
    created_by         TEXT COLLATE "C" NOT NULL,
    updated_by         TEXT COLLATE "C" NOT NULL,
    published_version  BIGINT NOT NULL,
    published_counter  BIGINT NOT NULL,
    published_at       BIGINT NOT NULL,
    first_published_at BIGINT NOT NULL,
    published_by       TEXT COLLATE "C" NOT NULL,
    archived_version   BIGINT NOT NULL,
    archived_at        BIGINT NOT NULL,
    archived_by        TEXT COLLATE "C" NOT NULL,
    draft              BIGINT NOT NULL,
    published          BIGINT NOT NULL,
    child              BIGINT NOT NULL,
    seq                BIGINT NOT NULL,
    deleted_by         TEXT COLLATE "C" NOT NULL,
    deleted_at         BIGINT NOT NULL
);
CREATE UNIQUE INDEX trash_seq ON trash (scope, seq);
CREATE INDEX trash_id ON trash (scope, kind, id);

-- What dropped environments had, and may have left bodies of behind.
CREATE TABLE leftover (
    space BIGINT NOT NULL,
    kind  TEXT COLLATE "C" NOT NULL,
    id    TEXT COLLATE "C" NOT NULL
);
CREATE UNIQUE INDEX leftover_id ON leftover (space, kind, id);

-- +goose Down
DROP TABLE leftover;
DROP TABLE trash;
DROP TABLE past;
DELETE FROM change WHERE scope IN (SELECT id FROM scope WHERE dropped = 1);
DELETE FROM scope WHERE dropped = 1;
ALTER TABLE scope DROP COLUMN dropped;
DROP INDEX change_of;
