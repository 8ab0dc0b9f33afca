import { createHash, randomBytes } from 'node:crypto'
import http from 'node:http'
import pg from 'pg'

/** `as` is the cookie of the user who asks. */
export type Request = {
  readonly method: 'GET' | 'POST' | 'DELETE'
  readonly path: string
  readonly as?: string
  readonly json?: unknown
}
export type Ask = {
  readonly name: string
  /** A different reader and subject each time. */
  readonly request: (time: number) => Request
}

type Reader = { readonly uuid: string; readonly handle: string; readonly cookie: string }
const oldestUuid = '00000000-0000-0000-0000-000000000000'
const deep = { pages: 15, limit: 20 }

/** Every kind of request that reads or writes, with people and activities of a filled database. */
export const asksOf = async (url: string, databaseUrl: string, only?: readonly string[]): Promise<Ask[]> => {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  const rows = async <Row extends pg.QueryResultRow>(text: string, values: unknown[] = []): Promise<Row[]> =>
    (await client.query<Row>(text, values)).rows
  const readers = async (text: string): Promise<Reader[]> => {
    const people = await rows<{ uuid: string; handle: string }>(text)
    const signedIn: Reader[] = []
    for (const person of people) signedIn.push({ ...person, cookie: await sessionOf(client, person.uuid) })
    return signedIn
  }

  const followers = await readers(`SELECT uuid, handle FROM users WHERE handle LIKE 'fill\\_%' AND following_count > 300
    ORDER BY uuid LIMIT 40`)
  const known = await readers(`SELECT uuid, handle FROM users WHERE handle ~ '^fill_\\d$' ORDER BY handle`)
  const typical = await readers(`SELECT uuid, handle FROM users WHERE handle ~ '^fill_\\d+$' AND followers_count > 0
    ORDER BY followers_count, uuid LIMIT 40`)
  const talker = known.find(({ handle }) => handle === 'fill_7') as Reader
  const crud = `SELECT a.uuid, u.handle FROM activities a JOIN users u ON u.uuid = a.user_uuid
    WHERE reply_to_activity_uuid IS NULL AND expires_at > now() + interval '1 hour'`
  const threads = await rows<Crud>(`${crud} ORDER BY replies_count DESC LIMIT 10`)
  const cruds = await rows<Crud>(`${crud} ORDER BY a.uuid LIMIT 40`)
  const tags = (
    await rows<{ tag: string }>('SELECT tag FROM hashtags GROUP BY tag ORDER BY count(*) DESC, tag LIMIT 20')
  ).map(({ tag }) => tag)
  const conversations = (
    await rows<{ uuid: string }>(
      `SELECT message_group_uuid AS uuid FROM message_group_members
      WHERE user_uuid = $1 ORDER BY (SELECT count(*) FROM messages m WHERE m.message_group_uuid = message_group_members.message_group_uuid) DESC LIMIT 20`,
      [talker.uuid],
    )
  ).map(({ uuid }) => uuid)
  const words = await wordsOf(rows)
  const [{ nearly_oldest = new Date() } = {}] = await rows<{ nearly_oldest: Date }>(
    'SELECT created_at AS nearly_oldest FROM activities WHERE expires_at > now() ORDER BY created_at LIMIT 1 OFFSET 200',
  )
  const lastWord = Buffer.from(JSON.stringify([nearly_oldest.getTime(), oldestUuid])).toString('base64url')
  await client.end()

  const get = async (path: string, as?: string): Promise<{ next_cursor: string | null }> => {
    const { status, body } = await answerTo(url, { method: 'GET', path, ...(as && { as }) })
    if (status !== 200) throw new Error(`${path}: ${status} ${body}`)
    return JSON.parse(body)
  }
  /** The cursor of a page far down in a list, or of the last page. */
  const farDown = async (path: string, as: string, parameter = 'after'): Promise<string> => {
    let at = ''
    for (let page = 0; page < deep.pages; page++) {
      const here = `${path}${path.includes('?') ? '&' : '?'}limit=${deep.limit}${at && `&${parameter}=${at}`}`
      const { next_cursor } = await get(here, as)
      if (next_cursor === null) break
      at = next_cursor
    }
    return `limit=${deep.limit}${at && `&${parameter}=${at}`}`
  }

  const follower = (time: number) => pick(followers, time)
  const home = '/api/activities/home'
  const found = (term: string) => `/api/activities/search?term=${encodeURIComponent(term)}`
  const read = (name: string, path: (time: number) => string, as: (time: number) => Reader = follower): Ask => ({
    name,
    request: (time) => ({ method: 'GET', path: path(time), as: as(time).cookie }),
  })
  const deepHome = await farDown(home, follower(0).cookie)
  const deepFollowing = await Promise.all(followers.map(({ cookie }) => farDown(`${home}?feed=following`, cookie)))
  const deepWord = await farDown(found(pick(words.common, 0)), follower(0).cookie)
  const deepNotifications = await Promise.all(
    known.map(({ cookie }) => farDown('/api/activities/notifications', cookie)),
  )
  const deepThread = await farDown(`/api/messages/${conversations[0]}`, talker.cookie, 'before')
  const top = threads[0] as Crud
  const deepReplies = await farDown(statusOf(top), follower(0).cookie)

  const all: Ask[] = [
    read('home', () => home),
    { name: 'home, signed out', request: () => ({ method: 'GET', path: home }) },
    read('home, 15 pages down', () => `${home}?${deepHome}`),
    read('following, 400 people and more', () => `${home}?feed=following`),
    read('following, 15 pages down', (time) => `${home}?feed=following&${pick(deepFollowing, time)}`),
    read('profile', (time) => `/api/activities/@${pick(typical, time).handle}`),
    read('profile of a prolific writer', (time) => `/api/activities/@${pick(known, time).handle}`),
    read('a crud and its replies', (time) => statusOf(pick(cruds, time))),
    read('a crud with many replies', (time) => statusOf(pick(threads, time))),
    read('its replies, 15 pages down', () => `${statusOf(top)}?${deepReplies}`),
    read('search: a word in a quarter of all', (time) => found(pick(words.common, time))),
    read('search: the same, 15 pages down', () => `${found(pick(words.common, 0))}&${deepWord}`),
    read('search: two common words', (time) => found(`${pick(words.common, time)} ${pick(words.common, time + 1)}`)),
    read('search: the same as a phrase', (time) =>
      found(`"${pick(words.common, time)} ${pick(words.common, time + 1)}"`),
    ),
    read('search: everything without a common word', (time) => found(`-${pick(words.common, time)}`)),
    read('search: the last page of a common word', (time) => `${found(pick(words.common, time))}&after=${lastWord}`),
    read('search: a word in one of 500', (time) => found(pick(words.middling, time))),
    read('search: a rare word', (time) => found(pick(words.rare, time))),
    read('search: an unknown word', (time) => found(`qqxz${time}`)),
    read('search: #hashtag', (time) => found(`#${pick(tags, time)}`)),
    read('search: @handle', (time) => found(`@${pick(known, time).handle}`)),
    read('trends', () => '/api/trends'),
    read('suggested people', () => '/api/users/suggested'),
    read(
      'notifications',
      () => '/api/activities/notifications',
      (time) => pick(known, time),
    ),
    read(
      'notifications, 15 pages down',
      (time) => `/api/activities/notifications?${pick(deepNotifications, time)}`,
      (time) => pick(known, time),
    ),
    read(
      'unread counts',
      () => '/api/unread',
      (time) => pick(known, time),
    ),
    read(
      'conversations',
      () => '/api/message_groups',
      () => talker,
    ),
    read(
      'the conversation with a person',
      (time) => `/api/message_groups?handle=${pick(known, time).handle}`,
      () => talker,
    ),
    read(
      'a conversation',
      (time) => `/api/messages/${pick(conversations, time)}`,
      () => talker,
    ),
    read(
      'a long conversation, 15 pages up',
      () => `/api/messages/${conversations[0]}?${deepThread}`,
      () => talker,
    ),
    ...writes(
      follower,
      (time) => pick(cruds, time),
      (time) => pick(typical, time),
      talker,
      conversations,
    ),
  ]
  return only ? all.filter(({ name }) => only.includes(name)) : all
}

const writes = (
  writer: (time: number) => Reader,
  crud: (time: number) => Crud,
  person: (time: number) => Reader,
  talker: Reader,
  conversations: readonly string[],
): Ask[] => {
  const write = (name: string, method: 'POST' | 'DELETE', path: (time: number) => string, json?: unknown): Ask => ({
    name,
    request: (time) => ({ method, path: path(time), as: writer(time).cookie, ...(json !== undefined && { json }) }),
  })
  const onCrud = (what: string) => (time: number) => `/api/activities/${crud(time).uuid}/${what}`
  const onPerson = (time: number) => `/api/users/@${person(time).handle}/follow`
  return [
    write('like', 'POST', onCrud('like')),
    write('unlike', 'DELETE', onCrud('like')),
    write('repost', 'POST', onCrud('repost')),
    write('undo repost', 'DELETE', onCrud('repost')),
    write('follow', 'POST', onPerson),
    write('unfollow', 'DELETE', onPerson),
    write('write a crud', 'POST', () => '/api/activities', { message: 'The cloud and @fill_1 #cloud', ttl: '1-hour' }),
    write('reply', 'POST', onCrud('reply'), { message: 'This post has honor! #cloud' }),
    {
      name: 'send a message',
      request: (time) => ({
        method: 'POST',
        path: '/api/messages',
        as: talker.cookie,
        json: { message: 'How is the tailoring?', message_group_uuid: pick(conversations, time) },
      }),
    },
    {
      name: 'mark a conversation as read',
      request: (time) => ({
        method: 'POST',
        path: `/api/messages/${pick(conversations, time)}/read`,
        as: talker.cookie,
        json: {},
      }),
    },
  ]
}

type Crud = { uuid: string; handle: string }
const statusOf = ({ uuid, handle }: Crud): string => `/api/activities/@${handle}/status/${uuid}`
const pick = <T>(list: readonly T[], time: number): T => list[time % list.length] as T

/** Lexemes from a sample: those in a quarter, in one of 500, and in very few of all activities. */
const wordsOf = async (rows: <Row extends pg.QueryResultRow>(text: string, values?: unknown[]) => Promise<Row[]>) => {
  const sample = await rows<{ word: string; ndoc: number }>(
    "SELECT word, ndoc FROM ts_stat('SELECT search FROM activities LIMIT 5000') WHERE word ~ '^[a-z]{4,}$' ORDER BY ndoc DESC, word",
  )
  const [{ all = 0 } = {}] = await rows<{ all: number }>('SELECT least(count(*), 5000)::int AS all FROM activities')
  const near = async (share: number, most = 10): Promise<string[]> => {
    const candidates = sample.toSorted((a, b) => Math.abs(a.ndoc - share * all) - Math.abs(b.ndoc - share * all))
    const found: string[] = []
    for (const { word } of candidates) {
      const [match] = await rows(
        "SELECT 1 FROM activities WHERE search @@ websearch_to_tsquery('english', $1) LIMIT 1",
        [word],
      )
      // Stemming a stem does not always give the same stem.
      if (match) found.push(word)
      if (found.length === most) break
    }
    return found
  }
  return { common: await near(0.25, 3), middling: await near(1 / 500), rare: await near(0) }
}

const sessionOf = async (client: pg.Client, user: string): Promise<string> => {
  const token = randomBytes(32).toString('base64url')
  await client.query(
    `INSERT INTO sessions (token_hash, user_uuid, expires_at) VALUES ($1, $2, now() + interval '1 hour')`,
    [createHash('sha256').update(token).digest(), user],
  )
  return `cruddur_session=${token}`
}

const timeoutMs = 10_000
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 })

/** Reads the whole answer and measures it. */
export const answerTo = (
  url: string,
  { method, path, as, json }: Request,
): Promise<{ status: number; body: string; ms: number }> =>
  new Promise((resolve, reject) => {
    const sent = json === undefined ? undefined : JSON.stringify(json)
    const headers = {
      ...(as && { Cookie: as }),
      ...(sent !== undefined && { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(sent) }),
    }
    const startedAt = performance.now()
    const request = http.request(url + path, { method, agent, headers }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk) => chunks.push(chunk)).on('error', reject)
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          body: String(Buffer.concat(chunks)),
          ms: performance.now() - startedAt,
        }),
      )
    })
    const giveUp = () => request.destroy(new Error(`${path}: no answer within ${timeoutMs / 1_000} s`))
    // After a suspend, timers fire before the socket is read. Give the answer one more second.
    request.on('error', reject).setTimeout(timeoutMs, () => setTimeout(giveUp, 1_000))
    request.end(sent)
  })
