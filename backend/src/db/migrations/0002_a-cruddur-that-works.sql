-- Up Migration

-- Accounts. Nobody proves that a mail address is theirs, so it identifies nobody and blocks nobody.
ALTER TABLE users
  ADD COLUMN email text CHECK (length(email) BETWEEN 3 AND 254),
  ADD COLUMN password_hash text,
  ADD COLUMN bio text NOT NULL DEFAULT '' CHECK (length(bio) <= 160),
  ADD COLUMN followers_count integer NOT NULL DEFAULT 0 CHECK (followers_count >= 0),
  ADD COLUMN following_count integer NOT NULL DEFAULT 0 CHECK (following_count >= 0);
CREATE INDEX users_by_handle_prefix ON users (handle text_pattern_ops);
CREATE INDEX users_by_name_prefix ON users (lower(display_name) text_pattern_ops);
-- Whom anybody may act as: asked for by every page, and a handful among all.
CREATE INDEX users_demo ON users (handle) WHERE demo;

ALTER TABLE sessions
  ADD COLUMN uuid uuid NOT NULL DEFAULT gen_random_uuid(),
  ADD COLUMN client text NOT NULL DEFAULT 'Unknown browser' CHECK (length(client) <= 100),
  ADD COLUMN last_seen_at timestamptz(3) NOT NULL DEFAULT now();
CREATE UNIQUE INDEX sessions_by_uuid ON sessions (uuid);

CREATE TABLE follows (
  follower_uuid uuid NOT NULL REFERENCES users ON DELETE CASCADE,
  followed_uuid uuid NOT NULL REFERENCES users ON DELETE CASCADE,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  PRIMARY KEY (follower_uuid, followed_uuid),
  CHECK (follower_uuid <> followed_uuid)
);
CREATE INDEX follows_by_followed ON follows (followed_uuid, follower_uuid);

-- A reply lives exactly as long as what it replies to, so a counter of replies is right at every moment.
ALTER TABLE activities
  DROP CONSTRAINT activities_message_check,
  ADD CONSTRAINT activities_message_check CHECK (length(message) BETWEEN 1 AND 1024),
  ADD COLUMN replies_count integer NOT NULL DEFAULT 0 CHECK (replies_count >= 0),
  ADD COLUMN idempotency_key text CHECK (length(idempotency_key) BETWEEN 1 AND 64),
  ADD COLUMN search tsvector NOT NULL GENERATED ALWAYS AS (to_tsvector('english', message)) STORED;
-- Room for the counters' updates within the page: then no index has to know of a like.
ALTER TABLE activities SET (fillfactor = 85);
UPDATE activities a SET replies_count = r.n
FROM (SELECT reply_to_activity_uuid AS uuid, count(*) AS n FROM activities GROUP BY 1) AS r
WHERE r.uuid = a.uuid;
CREATE INDEX activities_search ON activities USING gin (search);
CREATE INDEX activities_newest ON activities (created_at DESC, uuid DESC);
-- What somebody wrote, and how much of it still lives, without going to the rows.
CREATE INDEX activities_cruds_by_user ON activities (user_uuid, created_at DESC, uuid DESC) INCLUDE (expires_at)
  WHERE reply_to_activity_uuid IS NULL;
DROP INDEX activities_by_user;
CREATE INDEX activities_by_user ON activities (user_uuid, created_at DESC, uuid DESC) INCLUDE (expires_at);
-- The sweeper begins at the root of each tree; the rest follows by the foreign keys.
DROP INDEX activities_expiry;
CREATE INDEX activities_expiry ON activities (expires_at) WHERE reply_to_activity_uuid IS NULL;
CREATE UNIQUE INDEX activities_idempotency ON activities (user_uuid, idempotency_key) WHERE idempotency_key IS NOT NULL;

CREATE TABLE hashtags (
  activity_uuid uuid NOT NULL REFERENCES activities ON DELETE CASCADE,
  -- Twice what may be written: the lower case of some letters is two.
  tag text NOT NULL CHECK (length(tag) BETWEEN 1 AND 100),
  user_uuid uuid NOT NULL REFERENCES users ON DELETE CASCADE,
  created_at timestamptz(3) NOT NULL,
  expires_at timestamptz(3) NOT NULL,
  PRIMARY KEY (activity_uuid, tag)
);
CREATE INDEX hashtags_by_tag ON hashtags (tag, created_at DESC, activity_uuid DESC);
CREATE INDEX hashtags_newest ON hashtags (created_at DESC);
CREATE INDEX hashtags_by_user ON hashtags (user_uuid);

CREATE TABLE reposts (
  user_uuid uuid NOT NULL REFERENCES users ON DELETE CASCADE,
  activity_uuid uuid NOT NULL REFERENCES activities ON DELETE CASCADE,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  PRIMARY KEY (user_uuid, activity_uuid)
);
CREATE INDEX reposts_by_user ON reposts (user_uuid, created_at DESC, activity_uuid DESC);
CREATE INDEX reposts_by_activity ON reposts (activity_uuid, created_at, user_uuid);

-- Conversations of two. `first_uuid < second_uuid` makes each pair one row, whoever begins.
CREATE TABLE message_groups (
  uuid uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  first_uuid uuid NOT NULL REFERENCES users ON DELETE CASCADE,
  second_uuid uuid NOT NULL REFERENCES users ON DELETE CASCADE,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  UNIQUE (first_uuid, second_uuid),
  CHECK (first_uuid < second_uuid)
);
CREATE INDEX message_groups_by_second ON message_groups (second_uuid);

-- What a conversation is to each of the two: their list of conversations is one index.
CREATE TABLE message_group_members (
  message_group_uuid uuid NOT NULL REFERENCES message_groups ON DELETE CASCADE,
  user_uuid uuid NOT NULL REFERENCES users ON DELETE CASCADE,
  other_uuid uuid NOT NULL REFERENCES users ON DELETE CASCADE,
  last_message_at timestamptz(3) NOT NULL DEFAULT now(),
  unread_count integer NOT NULL DEFAULT 0 CHECK (unread_count >= 0),
  PRIMARY KEY (message_group_uuid, user_uuid)
);
CREATE INDEX message_group_members_newest
  ON message_group_members (user_uuid, last_message_at DESC, message_group_uuid DESC);
CREATE INDEX message_group_members_unread ON message_group_members (user_uuid) WHERE unread_count > 0;
CREATE INDEX message_group_members_by_other ON message_group_members (other_uuid);

CREATE TABLE messages (
  uuid uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  message_group_uuid uuid NOT NULL REFERENCES message_groups ON DELETE CASCADE,
  user_uuid uuid NOT NULL REFERENCES users ON DELETE CASCADE,
  message text NOT NULL CHECK (length(message) BETWEEN 1 AND 1024),
  idempotency_key text CHECK (length(idempotency_key) BETWEEN 1 AND 64),
  created_at timestamptz(3) NOT NULL DEFAULT now()
);
CREATE INDEX messages_newest ON messages (message_group_uuid, created_at DESC, uuid DESC);
CREATE INDEX messages_by_user ON messages (user_uuid);
CREATE UNIQUE INDEX messages_idempotency ON messages (user_uuid, idempotency_key) WHERE idempotency_key IS NOT NULL;

-- One row for each thing that somebody did and somebody else should hear of: doing it twice is one row.
CREATE TABLE notifications (
  uuid uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  user_uuid uuid NOT NULL REFERENCES users ON DELETE CASCADE,
  actor_uuid uuid NOT NULL REFERENCES users ON DELETE CASCADE,
  kind text NOT NULL CHECK (kind IN ('reply', 'like', 'repost', 'mention', 'follow', 'message')),
  activity_uuid uuid REFERENCES activities ON DELETE CASCADE,
  message_group_uuid uuid REFERENCES message_groups ON DELETE CASCADE,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  -- With the activity that it is about.
  expires_at timestamptz(3) NOT NULL DEFAULT 'infinity',
  read_at timestamptz(3),
  UNIQUE NULLS NOT DISTINCT (user_uuid, actor_uuid, kind, activity_uuid, message_group_uuid)
);
CREATE INDEX notifications_newest ON notifications (user_uuid, created_at DESC, uuid DESC);
CREATE INDEX notifications_unread ON notifications (user_uuid) WHERE read_at IS NULL;
CREATE INDEX notifications_by_activity ON notifications (activity_uuid) WHERE activity_uuid IS NOT NULL;
CREATE INDEX notifications_by_actor ON notifications (actor_uuid);
CREATE INDEX notifications_by_group ON notifications (message_group_uuid) WHERE message_group_uuid IS NOT NULL;

-- Down Migration

DROP TABLE notifications, messages, message_group_members, message_groups, reposts, hashtags, follows;
ALTER TABLE activities
  DROP COLUMN replies_count, DROP COLUMN idempotency_key, DROP COLUMN search;
DROP INDEX activities_newest, activities_cruds_by_user, activities_by_user, activities_expiry;
CREATE INDEX activities_by_user ON activities (user_uuid, created_at DESC, uuid DESC);
CREATE INDEX activities_expiry ON activities (expires_at);
ALTER TABLE sessions DROP COLUMN uuid, DROP COLUMN client, DROP COLUMN last_seen_at;
DROP INDEX users_demo;
ALTER TABLE users
  DROP COLUMN email, DROP COLUMN password_hash, DROP COLUMN bio,
  DROP COLUMN followers_count, DROP COLUMN following_count;
