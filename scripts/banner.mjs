import { relative, resolve } from 'node:path'
import { styleText } from 'node:util'

const repository = resolve(import.meta.dirname, '..')

export function banner({ settings, database, stream = process.stdout }) {
  const style = (format, text) => styleText(format, text, { stream })
  const addresses = [
    ['Feed', settings.frontendUrl],
    ['Backend', settings.backendUrl],
    ...(settings.observatoryUrl ? [['Observatory', settings.observatoryUrl]] : []),
  ]
  const width = Math.max(...addresses.map(([name]) => name.length), 'Database'.length)
  const destinations = Math.max(...settings.signals.map(({ destination }) => destination.length))
  const line = (name, rest) => `  ${style('dim', name.padEnd(width))}  ${rest}`
  return [
    '',
    `  ${style('bold', 'Cruddur is running.')} ${style('dim', 'Ctrl-C stops it.')}`,
    '',
    ...addresses.map(([name, url]) => line(name, style('cyan', url))),
    line('Database', describe(settings, database)),
    '',
    ...settings.signals.map(({ signal, destination, because }) =>
      line(signal, `→ ${destination.padEnd(destinations)}  ${style('dim', `because ${because}`)}`),
    ),
    '',
    '',
  ].join('\n')
}

function describe({ databaseUrl }, database) {
  if (database) return `PostgreSQL ${database.version} in ${shortest(database.dataDir)}`
  const address = URL.parse(databaseUrl)
  return address ? `${address.host}${address.pathname} (DATABASE_URL)` : 'DATABASE_URL'
}

function shortest(path) {
  const inside = relative(repository, path)
  return inside.startsWith('..') ? path : inside
}
