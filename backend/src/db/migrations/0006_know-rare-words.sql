-- Up Migration

-- By default PostgreSQL knows the frequency of 1,000 words and takes every other word for a common one. It would then look for
-- a rare word by reading a million activities, newest first. With 1000 it knows 10,000 words.
ALTER TABLE activities ALTER COLUMN search SET STATISTICS 1000;
ANALYZE activities;

-- Down Migration

ALTER TABLE activities ALTER COLUMN search SET STATISTICS -1;
