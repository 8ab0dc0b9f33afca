import type pg from 'pg'

const seedLock = 0x0c40de

const people = `
  INSERT INTO users (handle, display_name, demo, bio) VALUES
    ('andrewbrown', 'Andrew Brown', true, 'Cloud project bootcamps, and whatever else runs on other people’s computers.'),
    ('worf', 'Worf', true, 'Strategic operations officer. Son of Mogh. Prune juice: a warrior’s drink.'),
    ('garek', 'Garek', true, 'Plain, simple tailor. Promenade, upper level. No questions, please.'),
    ('jadzia', 'Jadzia Dax', false, ''), ('kira', 'Kira Nerys', false, ''), ('odo', 'Odo', false, ''),
    ('quark', 'Quark', false, ''), ('bashir', 'Julian Bashir', false, '')
  ON CONFLICT (handle) DO NOTHING`

const activities = `
  INSERT INTO activities (user_uuid, message, created_at, expires_at)
  SELECT users.uuid, message, now() - age::interval, now() + left_to_live::interval
  FROM (VALUES
    ('andrewbrown', 'Cloud is very fun!', '2 days', '5 days'),
    ('worf', 'I am out of prune juice', '7 days', '9 days'),
    ('garek', 'My dear doctor, I am just simple tailor', '1 hour', '12 hours')
  ) AS seeds (handle, message, age, left_to_live)
  JOIN users USING (handle)
  WHERE users.demo
  RETURNING uuid, message`

const reply = `
  WITH added AS (
    INSERT INTO activities (user_uuid, message, reply_to_activity_uuid, created_at, expires_at)
    SELECT users.uuid, 'This post has no honor!', activities.uuid, activities.created_at, activities.expires_at
    FROM users, activities WHERE users.handle = 'worf' AND users.demo AND activities.uuid = $1
    RETURNING uuid)
  UPDATE activities SET replies_count = (SELECT count(*) FROM added) WHERE uuid = $1`

// Likes by people that no visitor can act as, so that every visitor can still like the crud.
const likes = `
  WITH added AS (
    INSERT INTO likes (user_uuid, activity_uuid)
    SELECT uuid, $1 FROM users WHERE handle IN ('jadzia', 'kira', 'odo', 'quark', 'bashir')
    RETURNING activity_uuid)
  UPDATE activities SET likes_count = (SELECT count(*) FROM added) WHERE uuid = $1`

const unexpired = `SELECT FROM activities WHERE reply_to_activity_uuid IS NULL AND expires_at > now()
  ORDER BY expires_at DESC LIMIT 1`

/** Writes the first cruds when all cruds have expired. Two backends that do so at the same time write them once. */
export const seed = async (pool: pg.Pool): Promise<boolean> => {
  const client = await pool.connect()
  try {
    await client.query('BEGIN')
    await client.query('SELECT pg_advisory_xact_lock($1)', [seedLock])
    await client.query(people)
    const { rows: left } = await client.query(unexpired)
    if (left.length === 0) {
      const { rows } = await client.query<{ uuid: string; message: string }>(activities)
      const first = rows.find(({ message }) => message === 'Cloud is very fun!')
      await client.query(reply, [first?.uuid])
      await client.query(likes, [first?.uuid])
    }
    await client.query('COMMIT')
    client.release()
    return left.length === 0
  } catch (error) {
    // Closing the connection rolls its transaction back.
    client.release(true)
    throw error
  }
}
