import { Refusal } from '../../scripts/refusal.mjs'

// Each made-up person, activity and conversation has a number. Its name, author, age and likes follow from that number, so each
// step knows what the other steps made without a lookup, and each counter is right when its row is written.
/** Valid version 4 UUIDs. */
const uuidOf = (what, number) =>
  `overlay(overlay(md5('fill ${what} ' || ${number}) PLACING '4' FROM 13) PLACING '8' FROM 17)::uuid`
const personOf = (number) => uuidOf('person', number)
const activityOf = (number) => uuidOf('activity', number)
const groupOf = (number) => uuidOf('group', number)
/** A fraction between 0 and 1, always the same for the same number. */
const chance = (number, salt) => `((hashint8extended(${number}, ${salt}) & 4294967295) / 4294967296.0::float8)`
const pick = (of, number, salt) => `floor(${of} * ${chance(number, salt)})::bigint`
/** Prefers low numbers: a few people write a lot and have many followers. */
const pickSkewed = (of, number, salt) => `floor(${of} * power(${chance(number, salt)}, 2.5))::bigint`
/** How many of `total` things the first `number` of `of` owners have together. The first owner has a hundredth, most have nothing. */
const skew = 0.35
const upTo = (total, of, number) => `floor(${total} * power((${number})::float8 / ${of}, ${skew}))::bigint`
const partOf = (total, of, number) => `(${upTo(total, of, `${number} + 1`)} - ${upTo(total, of, number)})`
/** The k-th of several different people. The step is prime, so it visits everyone before it repeats. */
const distinctPerson = (people, number, salt, k) => `(${pick(people, number, salt)} + ${k} * 1000003) % ${people}`

const author = (people, number) => pickSkewed(people, number, 1)
const ttlHours = `CASE ${[
  [0.15, 720],
  [0.6, 168],
  [0.75, 72],
  [0.87, 24],
  [0.93, 12],
  [0.97, 3],
]
  .map(([below, hours]) => `WHEN ${chance('n', 2)} < ${below} THEN ${hours}`)
  .join(' ')} ELSE 1 END`
const followedAt = `$3::timestamptz - interval '1 day' * (1 + 39 * ${chance('n * 7 + followed', 33)})`
/** Everything older than two days is read, and most of the rest. */
const readAt = (at, number) => `CASE WHEN ${at} < $3::timestamptz - interval '2 days' OR ${chance(number, 21)} < 0.9
    THEN LEAST(${at} + interval '1 hour', $3::timestamptz) END`
/** The likes or reposts of these activities, each by a different person, spread over the activity's lifetime. */
const given = ({ people, total, owners, salt }) => `unexpired AS MATERIALIZED (
    SELECT n, c, a.uuid, a.user_uuid AS author, a.created_at, a.expires_at
    FROM generate_series($1::bigint, $2::bigint) AS n
    CROSS JOIN LATERAL (SELECT ${partOf(total, owners, 'n')} AS c) AS g
    JOIN activities AS a ON a.uuid = ${activityOf('n')}
    WHERE c > 0
    -- A running backend sweeps expired rows. Skip the rows that it is about to delete; our lock makes it wait for the others.
    FOR KEY SHARE OF a SKIP LOCKED
  ), given AS (
    SELECT n, k, uuid, author, expires_at, ${personOf(`(${distinctPerson(people, 'n', salt, 'k')})`)} AS giver,
      created_at + (LEAST(expires_at, $3::timestamptz) - created_at) * ((k + 1.0) / (c + 1)) AS given_at
    FROM unexpired CROSS JOIN LATERAL generate_series(0, c - 1) AS k
  )`

const isMadeUp = `users.handle ~ '^fill_\\d+$' AND users.uuid = ${personOf('substring(users.handle FROM 6)')}`
const batch = 20_000

/** A person likes an activity once, so there are never more likes of the most popular one than people. */
export const mostLikes = ({ activities, people }) => Math.floor(people * activities ** skew)

/** How many rows of each kind to make. */
export function sizesOf({ activities, people, likes }) {
  const replies = Math.floor(activities * 0.3)
  const conversations = Math.floor(people / 2)
  return {
    activities,
    people,
    likes,
    replies,
    roots: activities - replies,
    reposts: Math.floor(likes / 10),
    conversations,
    messages: Math.max(conversations, Math.floor(activities / 5)),
  }
}

/** Refuses a database without this version's tables. */
export async function assertCruddur(client) {
  const { rows } = await client.query(`SELECT to_regclass('migrations') IS NOT NULL AS migrated,
    (SELECT count(*)::int FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r') AS tables`)
  const [{ migrated, tables }] = rows
  const known = migrated ? (await client.query('SELECT name FROM migrations')).rows.map(({ name }) => name) : []
  if (known.includes('0003_search-by-time')) return
  throw new Refusal(
    tables === 0
      ? 'This database has no tables. Start the backend on it once to create them.'
      : known.includes('0001_people-and-activities')
        ? 'This database has the tables of an earlier version. Start the backend on it once to update them.'
        : 'This is not a Cruddur database. Nothing was changed.',
  )
}

/** What an earlier fill made. Follows are counted last, so a fill without them was interrupted. */
export async function earlierFill(client) {
  const { rows } =
    await client.query(`WITH made AS (SELECT uuid, following_count FROM users WHERE handle LIKE 'fill\\_%' AND ${isMadeUp})
    SELECT (SELECT count(*)::int FROM made) AS people, EXISTS (SELECT FROM made WHERE following_count > 0) AS complete,
      (SELECT count(*)::int FROM activities WHERE user_uuid IN (SELECT uuid FROM made)) AS activities`)
  return rows[0]
}

/** `onProgress(step, done, of)` is called after each batch. */
export async function fill(client, sizes, onProgress = () => {}) {
  const { rows: strangers } = await client.query(
    `SELECT handle FROM users WHERE handle ~ '^fill_\\d+$' AND NOT (${isMadeUp}) LIMIT 1`,
  )
  if (strangers.length > 0)
    throw new Refusal(`A user who is not made up has the handle ${strangers[0].handle}. Nothing was changed.`)
  await beginSession(client)
  await makeVocabulary(client)
  const { rows } = await client.query('SELECT now()::timestamptz(3)::text AS at')
  for (const { name, of, ends, made = (to) => to, tables, sql } of stepsOf(sizes)) {
    let from = 0
    for (const to of ends) {
      // One transaction for each batch: a vacuum in between counts uncommitted rows as dead.
      await retryAfterDeadlock(() => client.query(sql, [from, to - 1, rows[0].at]))
      if (from === 0) await client.query(`ANALYZE ${tables}`)
      onProgress(name, Math.min(of, Math.floor(made(to))), of)
      from = to
    }
  }
  await client.query(countFollows)
}

const deadlock = '40P01'

async function retryAfterDeadlock(attempt, left = 5) {
  try {
    return await attempt()
  } catch (error) {
    if (error.code !== deadlock || left === 0) throw error
    return retryAfterDeadlock(attempt, left - 1)
  }
}

const beginSession = (client) =>
  client.query(`SET statement_timeout = 0; SET work_mem = '64MB'; SET jit = off; SET synchronous_commit = off`)

const tables =
  'users, follows, activities, hashtags, likes, reposts, notifications, message_groups, message_group_members, messages'

/** Autovacuum would do this later. The planner needs to know the new sizes now. */
export const settle = (client) => client.query(`VACUUM (ANALYZE) ${tables}`)

/** Deletes the made-up people and everything that belongs to them. */
export async function remove(client, onProgress = () => {}) {
  await beginSession(client)
  const { people } = await earlierFill(client)
  for (let gone = 0; ; ) {
    const { rows } = await retryAfterDeadlock(() => client.query(removePeople))
    if (rows[0].gone === 0) return
    gone += rows[0].gone
    onProgress('people and everything they made', gone, people)
  }
}

const removePeople = `WITH made AS (
    SELECT uuid FROM users WHERE handle LIKE 'fill\\_%' AND ${isMadeUp} ORDER BY handle DESC LIMIT 500
  ), lost AS (
    SELECT f.follower_uuid AS uuid, count(*) AS n FROM follows f JOIN made ON made.uuid = f.followed_uuid GROUP BY 1
  ), counted AS (
    UPDATE users SET following_count = following_count - n FROM lost WHERE lost.uuid = users.uuid AND NOT (${isMadeUp})
  ), gone AS (
    DELETE FROM users USING made WHERE made.uuid = users.uuid RETURNING 1
  ) SELECT count(*)::int AS gone FROM gone`

const countFollows = `UPDATE users SET following_count = counts.following, followers_count = counts.followers
  FROM (
    SELECT uuid, sum(following) AS following, sum(followers) AS followers FROM (
      SELECT follower_uuid AS uuid, count(*) AS following, 0 AS followers FROM follows GROUP BY 1
      UNION ALL
      SELECT followed_uuid, 0, count(*) FROM follows GROUP BY 1
    ) AS sides GROUP BY uuid
  ) AS counts WHERE counts.uuid = users.uuid AND ${isMadeUp}`

function stepsOf(sizes) {
  const { activities, people, likes, roots, replies, reposts, conversations } = sizes
  const madeOf = (total, owners) => (to) => total * (to / owners) ** skew
  const steps = [
    { name: 'people', of: people, ends: even(people), tables: 'users', sql: insertPeople },
    {
      name: 'follows of people',
      of: people,
      ends: even(people, 5_000),
      tables: 'follows, notifications',
      sql: insertFollows(people),
    },
    {
      name: 'activities',
      of: activities,
      ends: even(roots),
      made: (to) => to + madeOf(replies, roots)(to),
      tables: 'activities, hashtags, notifications',
      sql: insertActivities(sizes),
    },
    {
      name: 'likes',
      of: likes,
      ends: skewed(likes, activities),
      made: madeOf(likes, activities),
      tables: 'likes, notifications',
      sql: insertLikes(sizes),
    },
    {
      name: 'reposts',
      of: reposts,
      ends: skewed(reposts, roots),
      made: madeOf(reposts, roots),
      tables: 'activities, reposts',
      sql: insertReposts(sizes),
    },
    {
      name: 'conversations',
      of: conversations,
      ends: even(conversations, 5_000),
      tables: 'message_groups, message_group_members, messages, notifications',
      sql: insertConversations(sizes),
    },
  ]
  return steps.filter(({ of }) => of > 0)
}

// A small batch first, because the planner has no statistics yet for a table that was just empty.
const even = (total, size = batch) => {
  const ends = Array.from({ length: Math.ceil(total / size) }, (_, index) => Math.min(total, (index + 1) * size))
  return [...new Set([Math.min(total, 100), ...ends])]
}

/** Splits the owners into ranges that have about `batch` things each. */
const skewed = (total, owners) => {
  const parts = Math.max(1, Math.ceil(total / batch))
  const ends = Array.from({ length: parts }, (_, index) => Math.ceil(owners * ((index + 1) / parts) ** (1 / skew)))
  return [...new Set([1, ...ends])]
}

const phrases = 4_000
const tags = 2_000
const person7 = 7

async function makeVocabulary(client) {
  await client.query(`CREATE TEMP TABLE fill_phrases (n bigint PRIMARY KEY, words text NOT NULL);
    CREATE TEMP TABLE fill_tags (n bigint PRIMARY KEY, tag text NOT NULL)`)
  const word = (number) => syllables[number % 32] + syllables[(number >> 5) % 32] + (syllables[number >> 10] ?? '')
  const words = [...commonWords, ...Array.from({ length: 1_800 }, (_, number) => word(number + 100))]
  await client.query(
    `INSERT INTO fill_phrases
    SELECT n, string_agg(words[1 + floor(cardinality(words) * power(${chance('n * 8 + k', 51)}, 3))::int], ' ' ORDER BY k)
    FROM (SELECT $1::text[] AS words) v, generate_series(0, ${phrases - 1}) n, generate_series(1, 4 + n % 4) k GROUP BY n`,
    [words],
  )
  const made = Array.from({ length: tags - commonTags.length }, (_, number) => word(number + 100))
  await client.query('INSERT INTO fill_tags SELECT n - 1, tag FROM unnest($1::text[]) WITH ORDINALITY AS t (tag, n)', [
    [...commonTags, ...made],
  ])
  await client.query('ANALYZE fill_phrases, fill_tags')
}

const commonWords =
  `cloud trace click span fun new time day good people server work today love really coffee query first great week
  code night build deploy morning never world database little always change latency browser thanks water listen ship
  music station friend weather better tomorrow error metric game walk garden number window story long simple market
  honey bridge dinner signal yellow river train paper doctor tailor honor prune juice captain orbit lesson letter
  picture travel kitchen winter summer quiet round slow quick broken question answer reason promise memory journey`.split(
    /\s+/,
  )

const commonTags =
  `cloud aws observability tracing javascript node react postgres serverless devops 100daysofcode opensource music
  photography coffee travel food books film science space climate football cycling running art design security
  privacy linux rust python golang kubernetes docker css html typescript startups`.split(/\s+/)

const syllables =
  'ba do fi gu ha je ki lo mu na pe qua ri so tu va wi xo yu ze bra cle dri flo gra klu pre sto tri vla zwi sha'.split(
    ' ',
  )
const rareWord = (number) => {
  const one = (salt) => `(ARRAY[${syllables.map((each) => `'${each}'`)}])[1 + ${pick(32, number, salt)}]`
  return `${one(61)} || ${one(62)} || ${one(63)}`
}

const firstNames =
  'Ada Ben Cleo Dax Eve Finn Gus Hana Ida Jon Kira Liv Max Nia Odo Pia Quinn Rosa Sam Tess Uma Vic Wes Xia Yara Zoe'.split(
    ' ',
  )
const lastNames =
  'Abel Brook Castro Diaz Evans Frost Gray Hale Iyer Jung Kane Lund Mora Nerys Okoye Park Quist Reyes Stone Tanaka'.split(
    ' ',
  )
const nameFrom = (list, number, salt) =>
  `(ARRAY[${list.map((each) => `'${each}'`)}])[1 + ${pick(list.length, number, salt)}]`

const insertPeople = `INSERT INTO users (uuid, handle, display_name, bio, created_at)
  SELECT ${personOf('n')}, 'fill_' || n,
    ${nameFrom(firstNames, 'n', 71)} || ' ' || ${nameFrom(lastNames, 'n', 72)},
    CASE WHEN ${chance('n', 73)} < 0.5 THEN 'I write about ' || ${rareWord('n')} || '.' ELSE '' END,
    $3::timestamptz - interval '1 day' * (60 + 400 * ${chance('n', 74)})
  FROM generate_series($1::bigint, $2::bigint) AS n`

/** Most people follow a few others. One in two hundred follows 500. */
const insertFollows = (people) => `WITH each AS (
    SELECT n, LEAST(${people - 1}, CASE WHEN n % 200 = ${person7} THEN 500 ELSE floor(20 * power(${chance('n', 31)}, 2)) END)::int AS c
    FROM generate_series($1::bigint, $2::bigint) AS n
  ), drawn AS (
    SELECT DISTINCT n, floor(${people} * power((k + ${chance('n * 1000 + k', 32)}) / c, 2.5))::bigint AS followed
    FROM each CROSS JOIN LATERAL generate_series(0, c - 1) AS k
  ), added AS (
    INSERT INTO follows (follower_uuid, followed_uuid, created_at)
    SELECT ${personOf('n')}, ${personOf('followed')}, ${followedAt}
    FROM drawn WHERE followed <> n
  )
  INSERT INTO notifications (user_uuid, actor_uuid, kind, created_at, read_at)
  SELECT ${personOf('followed')}, ${personOf('n')}, 'follow', ${followedAt}, ${readAt(followedAt, 'n * 31 + followed')}
  FROM drawn WHERE followed <> n AND ${chance('n * 7 + followed', 34)} < 0.1`

const insertActivities = ({ people, activities, likes, roots, replies, reposts }) => `WITH roots AS (
    SELECT n, replies, created_at, created_at + ttl AS expires_at
    FROM generate_series($1::bigint, $2::bigint) AS n
    CROSS JOIN LATERAL (SELECT ${partOf(replies, roots, 'n')} AS replies, interval '1 hour' * ${ttlHours} AS ttl) AS t
    -- The oldest expired a tenth of their lifetime ago. The most popular ones have not expired.
    CROSS JOIN LATERAL (
      SELECT ($3::timestamptz - ttl * (${chance('n', 3)} * CASE WHEN n < 100 THEN 0.5 ELSE 1.1 END))::timestamptz(3) AS created_at
    ) AS c
  ), drafts AS (
    SELECT n, NULL::bigint AS parent, created_at, expires_at,
      -- The last of three or more replies answers the first reply.
      replies - (replies >= 3)::int AS replies_count, ${partOf(reposts, roots, 'n')} AS reposts_count
    FROM roots
    UNION ALL
    SELECT first + k, CASE WHEN replies >= 3 AND k = replies - 1 THEN first ELSE n END,
      created_at + (LEAST(expires_at, $3::timestamptz) - created_at) * ((k + 1.0) / (replies + 1)), expires_at,
      (replies >= 3 AND k = 0)::int, 0
    FROM (SELECT *, ${roots} + ${upTo(replies, roots, 'n')} AS first FROM roots) AS threads
    CROSS JOIN LATERAL generate_series(0, replies - 1) AS k
  ), written AS MATERIALIZED (
    SELECT d.*, ${author(people, 'd.n')} AS author, t1.tag, t2.tag AS second_tag, mention,
      concat_ws(' ', '@fill_' || mention, p1.words, p2.words,
        CASE WHEN ${chance('d.n', 60)} < 0.125 THEN ${rareWord('d.n')} END, '#' || t1.tag, '#' || t2.tag) AS message
    FROM drafts AS d
    CROSS JOIN LATERAL (SELECT CASE WHEN ${chance('d.n', 16)} < 0.03 THEN ${pickSkewed(people, 'd.n', 17)} END AS mention) AS m
    JOIN fill_phrases AS p1 ON p1.n = ${pick(phrases, 'd.n', 11)}
    JOIN fill_phrases AS p2 ON p2.n = ${pick(phrases, 'd.n', 12)}
    LEFT JOIN fill_tags AS t1 ON t1.n = ${pickSkewed(tags, 'd.n', 13)} AND ${chance('d.n', 14)} < 0.25
    LEFT JOIN fill_tags AS t2 ON t2.n = ${pickSkewed(tags, 'd.n', 15)} AND ${chance('d.n', 14)} < 0.05 AND t2.n <> t1.n
  ), added AS (
    INSERT INTO activities
      (uuid, user_uuid, message, reply_to_activity_uuid, likes_count, replies_count, reposts_count, created_at, expires_at)
    SELECT ${activityOf('n')}, ${personOf('author')}, message, ${activityOf('parent')},
      ${partOf(likes, activities, 'n')}, replies_count, reposts_count, created_at, expires_at
    FROM written
  ), tagged AS (
    INSERT INTO hashtags (activity_uuid, tag, user_uuid, created_at, expires_at)
    SELECT ${activityOf('n')}, each, ${personOf('author')}, created_at, expires_at
    FROM written CROSS JOIN LATERAL unnest(ARRAY[tag, second_tag]) AS each WHERE each IS NOT NULL
  )
  INSERT INTO notifications (user_uuid, actor_uuid, kind, activity_uuid, created_at, expires_at, read_at)
  SELECT ${personOf('told')}, ${personOf('author')}, kind, ${activityOf('n')}, created_at, expires_at, ${readAt('created_at', 'n')}
  FROM (
    SELECT *, ${author(people, 'parent')} AS told, 'reply' AS kind FROM written WHERE parent IS NOT NULL
    UNION ALL
    SELECT *, mention, 'mention' FROM written WHERE mention IS NOT NULL
  ) AS news WHERE told <> author`

const insertLikes = ({
  people,
  likes,
  activities,
}) => `WITH ${given({ people, total: likes, owners: activities, salt: 81 })}, added AS (
    INSERT INTO likes (user_uuid, activity_uuid, created_at) SELECT giver, uuid, given_at FROM given
  )
  INSERT INTO notifications (user_uuid, actor_uuid, kind, activity_uuid, created_at, expires_at, read_at)
  SELECT author, giver, 'like', uuid, given_at, expires_at, ${readAt('given_at', 'n * 1000 + k')}
  FROM given WHERE giver <> author AND k % 2 = 0`

const insertReposts = ({
  people,
  reposts,
  roots,
}) => `WITH ${given({ people, total: reposts, owners: roots, salt: 82 })}, added AS (
    INSERT INTO reposts (user_uuid, activity_uuid, created_at) SELECT giver, uuid, given_at FROM given
  )
  INSERT INTO notifications (user_uuid, actor_uuid, kind, activity_uuid, created_at, expires_at, read_at)
  SELECT author, giver, 'repost', uuid, given_at, expires_at, ${readAt('given_at', 'n * 1000 + k')}
  FROM given WHERE giver <> author`

const insertConversations = ({ conversations, messages }) => `WITH groups AS (
    SELECT n, c, at, ${groupOf('n')} AS uuid, ${personOf('one')} AS one, ${personOf(`${conversations} + n`)} AS other,
      ${chance('n', 42)} < 0.2 AS is_unread
    FROM generate_series($1::bigint, $2::bigint) AS n
    CROSS JOIN LATERAL (SELECT
      -- Person 7 has many conversations.
      CASE WHEN n % 20 = 0 THEN ${person7} ELSE n END AS one, (1 + ${partOf(messages - conversations, conversations, 'n')})::int AS c,
      ($3::timestamptz - interval '30 days' * power(${chance('n', 41)}, 2))::timestamptz(3) AS at) AS g
  ), written AS MATERIALIZED (
    SELECT g.*, k, at - interval '10 minutes' * (c - 1 - k) AS created_at, p.words,
      CASE WHEN ${chance('g.n * 100003 + k', 43)} < 0.5 THEN one ELSE other END AS sender
    FROM groups AS g CROSS JOIN LATERAL generate_series(0, c - 1) AS k
    JOIN fill_phrases AS p ON p.n = ${pick(phrases, 'g.n * 100003 + k', 44)}
  ), added AS (
    INSERT INTO message_groups (uuid, first_uuid, second_uuid, created_at)
    SELECT uuid, LEAST(one, other), GREATEST(one, other), created_at FROM written WHERE k = 0
  ), joined AS (
    INSERT INTO message_group_members (message_group_uuid, user_uuid, other_uuid, last_message_at, unread_count)
    SELECT w.uuid, me, you, at, (is_unread AND sender = you)::int
    FROM written AS w CROSS JOIN LATERAL (VALUES (one, other), (other, one)) AS both_of (me, you) WHERE k = c - 1
  ), sent AS (
    INSERT INTO messages (uuid, message_group_uuid, user_uuid, message, created_at)
    SELECT ${uuidOf('message', "n || ' ' || k")}, uuid, sender, words, created_at FROM written
  )
  INSERT INTO notifications (user_uuid, actor_uuid, kind, message_group_uuid, created_at, read_at)
  SELECT CASE WHEN sender = one THEN other ELSE one END, sender, 'message', uuid, at, CASE WHEN NOT is_unread THEN at END
  FROM written WHERE k = c - 1`
