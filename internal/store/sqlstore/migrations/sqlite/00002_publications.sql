-- +goose Up
-- How often the resource has been published: the revision of what is deleted.
ALTER TABLE change ADD COLUMN publications INTEGER NOT NULL DEFAULT 0;

-- +goose Down
ALTER TABLE change DROP COLUMN publications;
