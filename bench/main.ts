// npm run bench [-- server|page] [--quick] [--write]    measures what the signals cost; --write puts the tables into docs/cost.md
import { existsSync } from 'node:fs'

const parts = ['server', 'page']
const given = process.argv.slice(2)
const options = given.findIndex((word) => word.startsWith('--'))
const asked = options < 0 ? given : given.slice(0, options)
const unknown = asked.find((word) => !parts.includes(word))
if (unknown) throw new Error(`"${unknown}" is not measured. Choose from: ${parts.join(', ')}.`)

for (const part of asked.length > 0 ? asked : parts) {
  const places = [`./${part}/main.ts`, `./${part}-cost.ts`].map((path) => new URL(path, import.meta.url))
  await import(String(places.find((place) => existsSync(place))))
}
