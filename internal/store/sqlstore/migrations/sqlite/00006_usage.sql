-- +goose Up
-- How many requests each API has answered in each space, by day; see store.Usage.
CREATE TABLE request_count (
    organization TEXT NOT NULL,
    day          INTEGER NOT NULL,
    space        TEXT NOT NULL,
    api          TEXT NOT NULL,
    requests     INTEGER NOT NULL
);
CREATE UNIQUE INDEX request_count_id ON request_count (organization, day, space, api);
CREATE INDEX request_count_day ON request_count (day);

-- +goose Down
DROP TABLE request_count;
