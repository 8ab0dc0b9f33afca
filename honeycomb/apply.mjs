// npm run honeycomb:apply [-- --dry-run --timeout 60]    sets Honeycomb's queries and board to what honeycomb/ says
import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { Refusal, refuse } from '../scripts/refusal.mjs'
import { sameQuery } from './same-query.mjs'

const needed = { columns: 'Manage Queries and Columns', boards: 'Manage Public Boards' }

let dryRun = false
try {
  const { values } = parseArgs({
    options: { 'dry-run': { type: 'boolean', default: false }, timeout: { type: 'string', default: '60' } },
  })
  dryRun = values['dry-run']
  await apply(honeycomb(process.env, Number(values.timeout) * 1000))
} catch (error) {
  if (dryRun && error instanceof Refusal) showAll(error.message)
  else refuse(error)
}

/** A dry run that cannot reach Honeycomb shows all queries and the board. */
function showAll(why) {
  say('not compared with Honeycomb', why)
  const show = (kind, { name, ...rest }) =>
    say(`${kind} “${name}”`, `would be created or updated to ${JSON.stringify(rest)}`)
  for (const file of queryFiles()) show('query', read(`queries/${file}`))
  show('board', read('board.json'))
}

async function apply(api) {
  const { api_key_access: access, team, environment } = await api.get('/1/auth')
  const missing = Object.keys(needed).filter((name) => !access?.[name])
  if (missing.length > 0)
    throw new Refusal(
      `The key lacks a permission: ${missing.map((name) => `“${needed[name]}”`).join(' and ')}. A configuration key can have them, an ingest key cannot.`,
    )
  say('applying to', [team?.slug, environment?.slug].filter(Boolean).join(' / '))

  const saved = {}
  for (const file of queryFiles()) {
    const definition = read(`queries/${file}`)
    const { outcome, ...ids } = await settleQuery(api, definition)
    saved[file.replace('.json', '')] = ids
    say(`query “${definition.name}”`, outcome)
  }
  const board = read('board.json')
  say(`board “${board.name}”`, await settleBoard(api, board, saved))
}

/** A named query is an annotation on a query. A query cannot change, and an annotation cannot move to another query. */
async function settleQuery(api, { name, description, dataset, query }) {
  const queries = `/1/queries/${dataset}`
  const annotations = `/1/query_annotations/${dataset}`
  const idsOf = (annotation) => ({ query_id: annotation.query_id, query_annotation_id: annotation.id })

  const [there] = (await api.get(annotations)).filter((annotation) => annotation.name === name)
  const queryThere = there && (await api.get(`${queries}/${there.query_id}`))
  if (there && sameQuery(queryThere, query)) {
    if (there.description === description) return { outcome: 'unchanged', ...idsOf(there) }
    if (!dryRun) await api.put(`${annotations}/${there.id}`, { name, description, query_id: there.query_id })
    return { outcome: done('updated (description)'), ...idsOf(there) }
  }

  const outcome = done(there ? 'updated' : 'created')
  if (dryRun) return { outcome }
  const created = await api.post(queries, query)
  // Honeycomb may store a query in another form. Compare with its form of the query that was just sent.
  if (there && sameQuery(queryThere, created)) return { outcome: 'unchanged', ...idsOf(there) }
  if (there) await api.delete(`${annotations}/${there.id}`)
  return { outcome, ...idsOf(await api.post(annotations, { name, description, query_id: created.id })) }
}

async function settleBoard(api, { name, description, panels }, saved) {
  const wanted = {
    name,
    description,
    type: 'flexible',
    layout_generation: 'manual',
    panels: panels.map(({ query, position }) => ({
      type: 'query',
      query_panel: { ...saved[query], query_style: 'combo' },
      position,
    })),
  }
  const shown = (board) => JSON.stringify(board.panels?.map(placeOf).sort())
  const there = (await api.get('/1/boards')).find((board) => board.name === name)
  if (there && there.description === description && shown(there) === shown(wanted)) return 'unchanged'
  if (!dryRun) await (there ? api.put(`/1/boards/${there.id}`, wanted) : api.post('/1/boards', wanted))
  return done(there ? 'updated' : 'created')
}

/** Which query a panel shows, and where. Honeycomb leaves out zeros, and does not promise the order of panels. */
function placeOf({ query_panel, position = {} }) {
  const { x_coordinate = 0, y_coordinate = 0, width = 0, height = 0 } = position
  return [query_panel?.query_annotation_id, x_coordinate, y_coordinate, width, height].join(' ')
}

function honeycomb(env, timeoutMs) {
  const key = env.HONEYCOMB_API_KEY
  const endpoint = env.HONEYCOMB_API_ENDPOINT || 'https://api.honeycomb.io'
  if (!key) throw new Refusal('No Honeycomb key: put HONEYCOMB_API_KEY (a configuration key) into .env.')
  if (!URL.canParse(endpoint)) throw new Refusal(`HONEYCOMB_API_ENDPOINT is not an address: ${endpoint}`)
  const deadline = Date.now() + timeoutMs
  const late = new Refusal('Honeycomb did not answer in time: try a longer --timeout.')

  const request = async (method, path, body) => {
    if (Date.now() >= deadline) throw late
    const { status, headers, text } = await fetch(new URL(path, endpoint), {
      method,
      redirect: 'error',
      signal: AbortSignal.timeout(deadline - Date.now()),
      headers: { 'x-honeycomb-team': key, ...(body && { 'content-type': 'application/json' }) },
      body: body && JSON.stringify(body),
    })
      .then(async (response) => ({ status: response.status, headers: response.headers, text: await response.text() }))
      .catch((error) => {
        if (error.name === 'TimeoutError') throw late
        throw new Refusal(
          `Honeycomb cannot be reached at ${endpoint}: ${(error.cause ?? error).message || error.cause?.code}`,
        )
      })
    if (status === 429) {
      const waitMs = retryAfterMs(headers)
      if (Date.now() + waitMs > deadline)
        throw new Refusal(
          `Honeycomb asks to wait ${Math.ceil(waitMs / 1000)} s (too many requests): run this again after that.`,
        )
      await delay(waitMs)
      return request(method, path, body)
    }
    if (status === 204) return null
    if (status < 300) return parse(text) ?? refuseAnswer({ status, method, path, text })
    return refuseAnswer({ status, method, path, text })
  }

  return {
    get: (path) => request('GET', path),
    post: (path, body) => request('POST', path, body),
    put: (path, body) => request('PUT', path, body),
    delete: (path) => request('DELETE', path),
  }
}

function refuseAnswer({ status, method, path, text }) {
  const problem = parse(text) ?? {}
  const details = problem.type_detail?.map((detail) => [detail.field, detail.description].filter(Boolean).join(': '))
  const reason = details?.join(', ') || problem.error || problem.title || `an answer that is not Honeycomb's`
  const dataset = path.split('/')[3]
  if (status === 401) throw new Refusal(`Honeycomb refused the key: ${reason}`)
  if (status === 403) throw new Refusal(`The key lacks a permission for ${method} ${path}: ${reason}`)
  if (status === 404 && dataset)
    throw new Refusal(
      `Honeycomb has no dataset ${dataset} yet: run Cruddur with a key of this environment, click once, and run this again.`,
    )
  if (status === 400 || status === 422)
    throw new Refusal(
      `Honeycomb did not accept ${method} ${path}: ${reason}. Honeycomb learns a new column from the first click that sets it.`,
    )
  throw new Refusal(`Honeycomb answered ${method} ${path} with ${status}: ${reason}`)
}

function retryAfterMs(headers) {
  const value = headers.get('retry-after') ?? /reset=(\d+)/.exec(headers.get('ratelimit') ?? '')?.[1] ?? '1'
  const ms = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now()
  return Number.isFinite(ms) ? Math.max(ms, 100) : 1000
}

function queryFiles() {
  return readdirSync(new URL('queries/', import.meta.url)).sort()
}

function read(file) {
  return JSON.parse(readFileSync(new URL(file, import.meta.url), 'utf8'))
}

function parse(text) {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function done(outcome) {
  return dryRun ? `would be ${outcome}` : outcome
}

function say(what, outcome) {
  process.stdout.write(`${what}: ${outcome}\n`)
}
