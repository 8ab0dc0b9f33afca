// npm run rollbar:sourcemaps [-- --dry-run --folder frontend/dist --timeout 30]
// Uploads the source maps of the page's build to Rollbar, so that an error names lines of the source and not of the bundle.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { Refusal, refuse } from './refusal.mjs'

const rollbar = 'https://api.rollbar.com'
const built = resolve(import.meta.dirname, '../frontend/dist')

try {
  const { values } = parseArgs({
    options: {
      'dry-run': { type: 'boolean', default: false },
      folder: { type: 'string', default: built },
      timeout: { type: 'string', default: '30' },
    },
  })
  await upload({ ...settings(process.env, values['dry-run']), ...values, timeoutMs: Number(values.timeout) * 1000 })
} catch (error) {
  refuse(error)
}

async function upload({ token, address, page, folder, timeoutMs, 'dry-run': dryRun, expectedVersion }) {
  const version = versionOf(folder, expectedVersion)
  const maps = readdirSync(join(folder, 'assets'))
    .filter((file) => file.endsWith('.js.map'))
    .sort()
  if (maps.length === 0) throw new Refusal(`There is no source map in ${folder}: run npm run build first.`)

  process.stdout.write(`version ${version} to ${new URL(address).host}\n`)
  for (const file of maps) {
    const minifiedUrl = new URL(`/assets/${file.slice(0, -'.map'.length)}`, page).href
    if (!dryRun)
      await post({
        token,
        address,
        timeoutMs,
        version,
        minifiedUrl,
        file,
        map: readFileSync(join(folder, 'assets', file)),
      })
    process.stdout.write(`${minifiedUrl}: ${dryRun ? 'would be uploaded (dry run)' : 'uploaded'}\n`)
  }
}

/** Rollbar keeps one map for each version and address: a second upload replaces the first. */
async function post({ token, address, timeoutMs, version, minifiedUrl, file, map }) {
  const form = new FormData()
  form.set('access_token', token)
  form.set('version', version)
  form.set('minified_url', minifiedUrl)
  form.set('source_map', new Blob([map], { type: 'application/json' }), file)
  const { host } = new URL(address)
  const signal = AbortSignal.timeout(timeoutMs)
  let answer
  let text
  try {
    // A redirect would send the token to another server.
    answer = await fetch(address, { method: 'POST', body: form, redirect: 'error', signal })
    text = await answer.text()
  } catch (error) {
    if (error.name === 'TimeoutError') throw new Refusal(`${host} did not answer within ${timeoutMs / 1000} s.`)
    throw new Refusal(`${host} cannot be reached: ${error.cause?.code ?? error.cause?.message ?? error.message}`)
  }
  if (answer.ok) return
  if (answer.status === 401 || answer.status === 403) {
    throw new Refusal(
      `${host} refuses the token (${answer.status}): ROLLBAR_ACCESS_TOKEN needs the scope post_server_item.`,
    )
  }
  throw new Refusal(
    `${host} did not accept ${file} (${answer.status}): ${messageIn(text).replaceAll(token, '(token)')}`,
  )
}

function settings(environment, isDryRun) {
  const { ROLLBAR_ACCESS_TOKEN: token, ROLLBAR_ENDPOINT, FRONTEND_URL, SERVICE_VERSION } = environment
  if (!token && !isDryRun)
    throw new Refusal('ROLLBAR_ACCESS_TOKEN is not set: put a token with the scope post_server_item into .env.')
  return {
    token,
    address: addressIn('ROLLBAR_ENDPOINT', ROLLBAR_ENDPOINT || rollbar, '/api/1/sourcemap'),
    page: addressIn('FRONTEND_URL', FRONTEND_URL || 'http://localhost:3000', '/'),
    expectedVersion: SERVICE_VERSION || null,
  }
}

function addressIn(name, value, path) {
  if (!URL.canParse(value) || !/^https?:/.test(value))
    throw new Refusal(`${name} must be an http(s) address. It is: ${value}`)
  return new URL(path, value).href
}

/** The version that the page was built with: its errors name the same one. */
function versionOf(folder, expectedVersion) {
  const file = join(folder, 'version.json')
  if (!existsSync(file)) throw new Refusal(`There is no build in ${folder}: run npm run build first.`)
  const { version } = JSON.parse(readFileSync(file, 'utf8'))
  if (expectedVersion && expectedVersion !== version) {
    throw new Refusal(
      `The build has version ${version}, but SERVICE_VERSION is ${expectedVersion}: run npm run build again first.`,
    )
  }
  return version
}

function messageIn(text) {
  try {
    return String(JSON.parse(text).message).slice(0, 200)
  } catch {
    return text.slice(0, 200)
  }
}
