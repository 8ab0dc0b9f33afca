-- Up Migration

CREATE TABLE users (
  uuid uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  handle text NOT NULL UNIQUE CHECK (handle ~ '^[a-z0-9_]{1,30}$'),
  display_name text NOT NULL CHECK (length(display_name) BETWEEN 1 AND 60),
  -- Seeded for the demonstration: anybody may act as them while DEMO_PEOPLE is true.
  demo boolean NOT NULL DEFAULT false,
  created_at timestamptz(3) NOT NULL DEFAULT now()
);

-- Milliseconds, so that a time survives JSON and a JavaScript Date without loss: the feed's cursor depends on it.
CREATE TABLE activities (
  uuid uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  user_uuid uuid NOT NULL REFERENCES users ON DELETE CASCADE,
  message text NOT NULL CHECK (length(message) BETWEEN 1 AND 1000),
  reply_to_activity_uuid uuid REFERENCES activities ON DELETE CASCADE,
  likes_count integer NOT NULL DEFAULT 0 CHECK (likes_count >= 0),
  reposts_count integer NOT NULL DEFAULT 0 CHECK (reposts_count >= 0),
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  expires_at timestamptz(3) NOT NULL,
  CHECK (expires_at > created_at)
);
CREATE INDEX activities_home ON activities (created_at DESC, uuid DESC) WHERE reply_to_activity_uuid IS NULL;
CREATE INDEX activities_replies ON activities (reply_to_activity_uuid, created_at, uuid)
  WHERE reply_to_activity_uuid IS NOT NULL;
CREATE INDEX activities_expiry ON activities (expires_at);
CREATE INDEX activities_by_user ON activities (user_uuid, created_at DESC, uuid DESC);

CREATE TABLE likes (
  user_uuid uuid NOT NULL REFERENCES users ON DELETE CASCADE,
  activity_uuid uuid NOT NULL REFERENCES activities ON DELETE CASCADE,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  PRIMARY KEY (user_uuid, activity_uuid)
);
CREATE INDEX likes_by_activity ON likes (activity_uuid);

CREATE TABLE sessions (
  -- SHA-256 of the token: whoever reads this table cannot act as anybody.
  token_hash bytea PRIMARY KEY CHECK (length(token_hash) = 32),
  user_uuid uuid NOT NULL REFERENCES users ON DELETE CASCADE,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  expires_at timestamptz(3) NOT NULL
);
CREATE INDEX sessions_expiry ON sessions (expires_at);
CREATE INDEX sessions_by_user ON sessions (user_uuid);

-- Down Migration

DROP TABLE sessions;
DROP TABLE likes;
DROP TABLE activities;
DROP TABLE users;
