-- +goose Up
-- The actions that a change is part of, such as a bulk action.
ALTER TABLE change ADD COLUMN cause TEXT NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE change DROP COLUMN cause;
