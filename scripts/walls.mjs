// The import walls. `npm run fix` turns this table into biome.walls.json, which biome.json extends.
import { readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

const features = ['activities', 'users', 'messages', 'notifications', 'session']

const zodOnly = wall('shared/ imports only zod, packages/wire and itself.', [
  ...['**', '!zod/mini', '!./*.ts', '!@cruddur/wire/*'],
])
const byName = wall('Import a package by its name, as a stranger does.', ['**/packages/**'])
const selfOnly = wall('packages/wire imports only itself and node:crypto.', ['**', '!./*.ts', '!node:crypto'])
const noVendor = wall(
  'Only telemetry/ imports vendor packages. Use traced, annotate and the rest of telemetry/index.ts.',
  ['@opentelemetry/**', '@rollbar/**', 'rollbar', 'rollbar/**', 'aws-xray-sdk-*', 'winston', 'winston-*'],
)
const noStart = wall('telemetry/start.ts loads before everything else. Do not import it.', ['**/telemetry/start.ts'])
const noRoom = wall('A room imports no other room, only shared/ and packages. Rooms talk over HTTP.', [
  ...['backend', 'frontend', 'observatory'].flatMap((room) => [`**/${room}/**`, `@cruddur/${room}/**`]),
  '!@cruddur/wire/**',
])
const noFeature = wall('This room imports no feature.', [
  ...features.map((feature) => `**/${feature}/**`),
  '!@cruddur/**',
])
const noOtherFeature = wall(
  'A feature does not import another feature. Combine them in app, or join the tables in the feature that answers.',
  features.flatMap((feature) => [`../${feature}/**`, `../../${feature}/**`]),
)

const notFromApp = wall('app composes the other rooms, not the other way round.', ['**/app/**'])

const backend = [noVendor, noStart, noRoom]
const frontend = [noVendor, noStart, noRoom]

/** The last row that matches a file decides. */
const table = [
  ['shared/src/**', zodOnly],

  ['backend/src/**', ...backend],
  ['backend/src/{db,http}/**', ...backend, noFeature],
  ['backend/src/{env,errors}.ts', ...backend, noFeature],
  ['backend/src/telemetry/**', noStart, noRoom, noFeature],
  [
    'backend/src/**/*.routes.ts',
    ...[...backend, noOtherFeature],
    wall('Routes call the service, never the queries.', ['**/*.queries.ts', '**/db/**', 'pg']),
  ],
  [
    'backend/src/**/*.service.ts',
    ...[...backend, noOtherFeature],
    wall('A service imports neither HTTP nor pg.', ['express', 'pg', '**/http/**', '**/db/**', '**/*.routes.ts']),
  ],
  [
    'backend/src/**/*.queries.ts',
    ...[...backend, noOtherFeature],
    wall('Queries import neither HTTP nor a service.', ['express', '**/http/**', '**/*.routes.ts', '**/*.service.ts']),
  ],

  ['frontend/server/**', noVendor, noRoom],
  ['frontend/server/telemetry/**', noRoom],
  ['frontend/src/**', ...frontend],
  ['frontend/src/main.tsx', noVendor, noRoom],
  [`frontend/src/{${features}}/**`, ...[...frontend, noOtherFeature, notFromApp]],
  ['frontend/src/{writing,live}/**', ...frontend, noFeature, notFromApp],
  [
    'frontend/src/api/**',
    ...[...frontend, noFeature],
    wall('api/ imports no component.', ['**/app/**', '**/ui/**', 'react', 'react-dom']),
  ],
  [
    'frontend/src/ui/**',
    ...[...frontend, noFeature],
    wall('ui/ imports only React.', ['**/app/**', '**/api/**', '**/telemetry/**', '@tanstack/**', '@cruddur/**']),
  ],
  [
    'frontend/src/telemetry/**',
    ...[noStart, noRoom, noFeature],
    wall('telemetry/ imports no other room.', ['**/app/**', '**/api/**', '**/ui/**', 'react', 'react-dom']),
  ],

  [
    'observatory/src/**',
    noVendor,
    wall('The observatory imports no application. They meet over HTTP.', [
      ...['backend', 'frontend', 'shared', 'aws'].flatMap((room) => [`**/${room}/**`, `@cruddur/${room}/**`]),
    ]),
  ],

  ['packages/**', noRoom],
  ['packages/wire/src/**', selfOnly],
  [
    'packages/{trace-web,trace-node}/src/**',
    noRoom,
    wall('A published package imports vendors, @cruddur/wire and itself.', [
      ...['@cruddur/**', '!@cruddur/wire/**', '**/shared/**', '**/packages/**'],
    ]),
  ],
  ['packages/{vendor-doubles,expect-trace}/**', noVendor, noRoom],

  // Tests may import anything but a package's files.
  ['{e2e,bench}/**'],
  ['**/*.test.{ts,tsx,mjs}'],
  ['**/testing.ts'],
  ['**/testing/**'],
]

function wall(message, group) {
  return { group, message }
}

const everywhere = ['**', byName]
const rows = [everywhere, ...table].map(([place, ...patterns]) =>
  place === '**' || place.startsWith('packages/') ? [place, ...patterns] : [place, ...patterns, byName],
)

const overrides = rows.map(([place, ...patterns]) => ({
  includes: [place],
  linter: {
    rules: {
      style: {
        noRestrictedImports: { level: 'error', options: { patterns } },
      },
    },
  },
}))
const lines = overrides.map((override) => JSON.stringify(override)).join(',\n')
export const walls = `{ "overrides": [\n${lines}\n] }\n`
export const wallsFile = join(resolve(import.meta.dirname, '..'), 'biome.walls.json')

if (process.argv[1] === import.meta.filename) {
  if (readFileSync(wallsFile, 'utf8') !== walls) writeFileSync(wallsFile, walls)
}
