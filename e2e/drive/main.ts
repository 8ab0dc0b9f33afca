// npm run drive [-- --seed 1 --actions 60 --hand-on-to http://localhost:4318]
// Drives the browsers of two people and compares every trace with the requests that the browsers really sent.
import { parseArgs } from 'node:util'
import { drive, reportOf } from './drive.ts'

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    actions: { type: 'string', default: '60' },
    'hand-on-to': { type: 'string' },
  },
})
const result = await drive({
  seed: Number(values.seed),
  actions: Number(values.actions),
  handOnTo: values['hand-on-to'],
})
process.stdout.write(`${reportOf(result)}\n`)
process.exitCode = result.wrong.length + result.rootless.length + result.unexplained.length > 0 ? 1 : 0
