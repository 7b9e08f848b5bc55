-- +goose Up
CREATE TABLE scope (
    id     INTEGER PRIMARY KEY AUTOINCREMENT,
    parent INTEGER NOT NULL,
    seq    INTEGER NOT NULL DEFAULT 0,
    model  INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX scope_parent ON scope (parent);
INSERT INTO scope (id, parent) VALUES (1, 0);

CREATE TABLE revision (
    id   INTEGER PRIMARY KEY,
    root INTEGER NOT NULL,
    body BLOB NOT NULL
);
CREATE INDEX revision_root ON revision (root);

CREATE TABLE head (
    n                  INTEGER PRIMARY KEY,
    scope              INTEGER NOT NULL,
    kind               TEXT NOT NULL,
    id                 TEXT NOT NULL,
    content_type       TEXT NOT NULL,
    version            INTEGER NOT NULL,
    created_at         INTEGER NOT NULL,
    updated_at         INTEGER NOT NULL,
    created_by         TEXT NOT NULL,
    updated_by         TEXT NOT NULL,
    published_version  INTEGER NOT NULL,
    published_counter  INTEGER NOT NULL,
    published_at       INTEGER NOT NULL,
    first_published_at INTEGER NOT NULL,
    published_by       TEXT NOT NULL,
    archived_version   INTEGER NOT NULL,
    archived_at        INTEGER NOT NULL,
    archived_by        TEXT NOT NULL,
    draft              INTEGER NOT NULL,
    published          INTEGER NOT NULL,
    child              INTEGER NOT NULL
);
CREATE UNIQUE INDEX head_id ON head (scope, kind, id);
CREATE INDEX head_type ON head (scope, kind, content_type);

CREATE TABLE change (
    scope            INTEGER NOT NULL,
    seq              INTEGER NOT NULL,
    kind             TEXT NOT NULL,
    id               TEXT NOT NULL,
    action           TEXT NOT NULL,
    draft_before     INTEGER NOT NULL,
    draft_after      INTEGER NOT NULL,
    published_before INTEGER NOT NULL,
    published_after  INTEGER NOT NULL,
    version          INTEGER NOT NULL,
    content_type     TEXT NOT NULL,
    actor            TEXT NOT NULL,
    at               INTEGER NOT NULL
);
CREATE UNIQUE INDEX change_seq ON change (scope, seq);

CREATE TABLE unique_key (
    scope INTEGER NOT NULL,
    space TEXT NOT NULL,
    value BLOB NOT NULL,
    owner TEXT NOT NULL
);
CREATE UNIQUE INDEX unique_key_value ON unique_key (scope, space, value);
CREATE INDEX unique_key_owner ON unique_key (scope, owner);

CREATE TABLE job (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    name     TEXT NOT NULL,
    scope    INTEGER NOT NULL,
    payload  BLOB NOT NULL,
    due      INTEGER NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX job_due ON job (due);

-- +goose Down
DROP TABLE job;
DROP TABLE unique_key;
DROP TABLE change;
DROP TABLE head;
DROP TABLE revision;
DROP TABLE scope;
