import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { after, test } from 'node:test'
import { walls, wallsFile } from './walls.mjs'

const refusedImports = [
  ['shared/src/activities.ts', ['../../backend/src/env.ts', 'pg', 'node:fs', '@opentelemetry/api']],
  [
    'backend/src/activities/activities.service.ts',
    ['express', 'pg', '../http/mount.ts', '../db/pool.ts', '@opentelemetry/api', '../session/session.service.ts'],
  ],
  [
    'backend/src/activities/activities.routes.ts',
    ['./activities.queries.ts', '../db/pool.ts', 'rollbar', '../telemetry/start.ts'],
  ],
  ['backend/src/activities/activities.queries.ts', ['express', './activities.service.ts', 'winston']],
  ['backend/src/http/mount.ts', ['../activities/activities.service.ts', 'aws-xray-sdk-core']],
  ['backend/src/app.ts', ['@opentelemetry/sdk-node', '../../frontend/src/main.tsx', '../../observatory/src/main.ts']],
  [
    'frontend/src/activities/feed.tsx',
    [
      '../session/actor.tsx',
      '../../session/actor.tsx',
      '../app/app.tsx',
      '@opentelemetry/api',
      '../telemetry/start.ts',
    ],
  ],
  ['frontend/src/ui/button.tsx', ['../api/call.ts', '../telemetry/index.ts', '../activities/feed.tsx']],
  [
    'frontend/src/writing/outbox.ts',
    ['../activities/feed.tsx', '../messages/messages.tsx', '../app/app.tsx', '@opentelemetry/api'],
  ],
  ['frontend/src/api/call.ts', ['../activities/feed.tsx', '@rollbar/react']],
  ['frontend/server/proxy.ts', ['@opentelemetry/api', '../../backend/src/env.ts']],
  [
    'packages/trace-node/src/start.ts',
    ['../../../backend/src/env.ts', '@cruddur/shared/telemetry', '@cruddur/backend'],
  ],
  ['packages/vendor-doubles/src/server.ts', ['../../../observatory/src/observatory.ts', 'aws-xray-sdk-core']],
  ['observatory/src/main.ts', ['../../backend/src/env.ts', '@opentelemetry/api']],
  ['backend/src/testing.ts', ['../../packages/trace-node/src/vendors.ts']],
  ['frontend/src/api/call.test.ts', ['../../../packages/trace-web/src/url-template.ts']],
  ['e2e/sampling/measure.ts', ['../../packages/trace-web/src/held-spans.ts']],
  ['honeycomb/queries.test.mjs', ['../packages/wire/src/names.ts']],
]

const allowedImports = [
  ['shared/src/endpoint.ts', ['zod/mini', './errors.ts']],
  ['backend/src/users/users.service.ts', ['./users.queries.ts', '../telemetry/index.ts', '../errors.ts']],
  ['backend/src/telemetry/index.ts', ['@opentelemetry/api']],
  ['packages/trace-node/src/index.ts', ['@cruddur/wire/names', './vendors/rollbar.ts', '@opentelemetry/api']],
  ['frontend/src/main.tsx', ['./telemetry/start.ts']],
  [
    'backend/src/http/edge.test.ts',
    ['@cruddur/trace-node/testing/vendors', 'rollbar', '../session/session.service.ts'],
  ],
  ['frontend/server/frontend-server.ts', ['undici', './telemetry/hops.ts', '@cruddur/shared/telemetry']],
  ['frontend/src/users/profile.tsx', ['@cruddur/shared/activities', '../ui/button.tsx', '../api/call.ts']],
]

const repository = resolve(import.meta.dirname, '..')
const scratch = mkdtempSync(join(tmpdir(), 'cruddur-walls-'))
after(() => rmSync(scratch, { recursive: true }))

const settings = JSON.parse(readFileSync(join(repository, 'biome.json'), 'utf8'))
writeFileSync(join(scratch, 'biome.json'), JSON.stringify({ ...settings, $schema: undefined, vcs: undefined }))
writeFileSync(join(scratch, 'biome.walls.json'), walls)
for (const [file, imports] of [...refusedImports, ...allowedImports]) {
  mkdirSync(dirname(join(scratch, file)), { recursive: true })
  writeFileSync(join(scratch, file), imports.map((from) => `import '${from}'\n`).join(''))
}
const { stdout } = spawnSync(
  process.execPath,
  [
    join(repository, 'node_modules/@biomejs/biome/bin/biome'),
    'lint',
    '--only=style/noRestrictedImports',
    '--reporter=json',
    '--max-diagnostics=none',
  ],
  { cwd: scratch, encoding: 'utf8' },
)
const refused = new Set(JSON.parse(stdout).diagnostics.map(({ location }) => `${location.path} ${location.start.line}`))
const isRefused = (file, index) => refused.has(`${file} ${index + 1}`)

for (const [file, imports] of refusedImports)
  for (const [index, from] of imports.entries())
    test(`the linter refuses ${from} in ${file}`, () => assert.ok(isRefused(file, index)))

for (const [file, imports] of allowedImports)
  for (const [index, from] of imports.entries())
    test(`the linter lets ${from} into ${file}`, () => assert.ok(!isRefused(file, index)))

test('biome.walls.json is written from the table; run `npm run fix` after a change', () =>
  assert.equal(readFileSync(wallsFile, 'utf8'), walls))
