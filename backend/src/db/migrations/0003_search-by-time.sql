-- Up Migration

-- The index of words is not in order of time: what is common is in it everywhere, and the newest of it are found by reading all. So each activity has, as
-- words too, the stretches of time in which it was written, which no text can have for their space. Then the index itself knows what has "honor" in an hour.
ALTER TABLE activities DROP COLUMN search;
ALTER TABLE activities ADD COLUMN search tsvector NOT NULL GENERATED ALWAYS AS (
  to_tsvector('english', message) || array_to_tsvector(ARRAY[
    '60s ' || floor(extract(epoch FROM created_at AT TIME ZONE 'UTC') / 60)::text,
    '600s ' || floor(extract(epoch FROM created_at AT TIME ZONE 'UTC') / 600)::text,
    '3600s ' || floor(extract(epoch FROM created_at AT TIME ZONE 'UTC') / 3600)::text,
    '21600s ' || floor(extract(epoch FROM created_at AT TIME ZONE 'UTC') / 21600)::text,
    '86400s ' || floor(extract(epoch FROM created_at AT TIME ZONE 'UTC') / 86400)::text
  ])
) STORED;
-- At once: in a list of what is not in the index yet every search would go through all of it.
CREATE INDEX activities_search ON activities USING gin (search) WITH (fastupdate = off);

-- Down Migration

ALTER TABLE activities DROP COLUMN search;
ALTER TABLE activities ADD COLUMN search tsvector NOT NULL GENERATED ALWAYS AS (to_tsvector('english', message)) STORED;
CREATE INDEX activities_search ON activities USING gin (search);
