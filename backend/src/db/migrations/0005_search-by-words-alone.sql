-- Up Migration

-- A search shows the newest matches first, so no rank and no words of time are kept with the text.
ALTER TABLE activities DROP COLUMN search;
ALTER TABLE activities ADD COLUMN search tsvector NOT NULL GENERATED ALWAYS AS (to_tsvector('english', message)) STORED;
CREATE INDEX activities_search ON activities USING gin (search) WITH (fastupdate = off);

-- Down Migration

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
CREATE INDEX activities_search ON activities USING gin (search) WITH (fastupdate = off);
