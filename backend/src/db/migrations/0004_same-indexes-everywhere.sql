-- Up Migration

-- The first three migrations were edited after they had landed, so a database has the indexes of the day it was made.
DO $$
DECLARE
  wanted record;
BEGIN
  FOR wanted IN
    SELECT * FROM (VALUES
      ('users_demo', 'CREATE INDEX users_demo ON users USING btree (handle) WHERE demo'),
      ('activities_by_user',
       'CREATE INDEX activities_by_user ON activities USING btree (user_uuid, created_at DESC, uuid DESC) INCLUDE (expires_at)'),
      ('activities_cruds_by_user',
       'CREATE INDEX activities_cruds_by_user ON activities USING btree (user_uuid, created_at DESC, uuid DESC) INCLUDE (expires_at) WHERE (reply_to_activity_uuid IS NULL)'),
      ('activities_expiry',
       'CREATE INDEX activities_expiry ON activities USING btree (expires_at) WHERE (reply_to_activity_uuid IS NULL)'),
      ('activities_search', 'CREATE INDEX activities_search ON activities USING gin (search) WITH (fastupdate=off)'),
      ('reposts_by_activity',
       'CREATE INDEX reposts_by_activity ON reposts USING btree (activity_uuid, created_at, user_uuid)')
    ) AS list (name, definition)
  LOOP
    -- An index that is right already is kept: making one takes minutes where there is much.
    IF replace(pg_get_indexdef(to_regclass(wanted.name)), ' ON ' || quote_ident(current_schema()) || '.', ' ON ')
      IS DISTINCT FROM wanted.definition
    THEN
      EXECUTE format('DROP INDEX IF EXISTS %I', wanted.name);
      EXECUTE wanted.definition;
    END IF;
  END LOOP;

  IF EXISTS (
    SELECT FROM pg_constraint
    WHERE conrelid = 'hashtags'::regclass AND conname = 'hashtags_tag_check' AND pg_get_constraintdef(oid) LIKE '%<= 50%'
  ) THEN
    ALTER TABLE hashtags
      DROP CONSTRAINT hashtags_tag_check,
      ADD CONSTRAINT hashtags_tag_check CHECK (length(tag) BETWEEN 1 AND 100);
  END IF;
END $$;
DROP INDEX IF EXISTS activities_living_by_user;

-- Down Migration
