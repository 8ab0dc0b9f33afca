// npm run db:fill [-- --activities 1000000 --people 100000 --likes 1000000]   fills the database with made-up people and their activities
// npm run db:fill -- --remove                                                 removes them again
import { parseArgs } from 'node:util'
import { onDatabase } from '../../scripts/on-database.mjs'
import { Refusal, refuse } from '../../scripts/refusal.mjs'
import { assertCruddur, earlierFill, fill, mostLikes, remove, settle, sizesOf } from './fill.mjs'

const fewestPeople = 20

try {
  const { values } = parseArgs({
    options: {
      activities: { type: 'string', default: '1000000' },
      people: { type: 'string' },
      likes: { type: 'string' },
      remove: { type: 'boolean', default: false },
    },
  })
  const activities = numberOf('activities', values.activities, 0, 10_000_000)
  const people = numberOf(
    'people',
    values.people ?? Math.max(fewestPeople, Math.floor(activities / 10)),
    fewestPeople,
    1_000_000,
  )
  const most = mostLikes({ activities, people })
  const likes = numberOf('likes', values.likes ?? Math.min(activities, most), 0, most)
  const sizes = sizesOf({ activities, people, likes })
  await onDatabase('fill', async (client) => {
    await assertCruddur(client)
    await (values.remove ? removeAll(client) : fillOnce(client, sizes))
  })
} catch (error) {
  refuse(error)
}

function numberOf(name, text, least, most) {
  const number = Number(text)
  if (Number.isInteger(number) && number >= least && number <= most) return number
  throw new Refusal(`--${name} must be a number from ${least} to ${most}. It is: ${text}`)
}

async function fillOnce(client, sizes) {
  const there = await earlierFill(client)
  if (there.people > 0) {
    const words = `There are ${amount(there.activities)} activities by ${amount(there.people)} people from an earlier fill`
    // Some activities may have expired since. The same number of people means the same fill.
    if (there.complete && there.people === sizes.people) return say(`${words}. Nothing to do.`)
    const state = there.complete ? '' : ' that was interrupted'
    throw new Refusal(`${words}${state}. Remove them first: npm run db:fill -- --remove`)
  }
  const startedAt = performance.now()
  await fill(client, sizes, progress())
  say('Updating the planner’s statistics …')
  await settle(client)
  const { activities, people, likes, reposts, messages } = sizes
  const made = Object.entries({ activities, people, likes, reposts, messages }).map(
    ([name, n]) => `${amount(n)} ${name}`,
  )
  say(
    `Made ${made.join(', ')} in ${secondsSince(startedAt)} s. The people are called fill_0, fill_1 … and cannot sign in.`,
  )
}

async function removeAll(client) {
  const { people, activities } = await earlierFill(client)
  if (people === 0) return say('There is nothing to remove.')
  const startedAt = performance.now()
  await remove(client, progress())
  await settle(client)
  say(
    `Removed ${amount(people)} people, their ${amount(activities)} activities and everything else they made in ${secondsSince(startedAt)} s.`,
  )
}

/** On a terminal, one line that is redrawn; elsewhere, a line for each tenth of a step. */
function progress() {
  const { stdout } = process
  let last = ''
  return (step, done, of) => {
    const tenths = Math.floor((10 * done) / of)
    const share = stdout.isTTY ? Math.floor((100 * done) / of) : 10 * tenths
    const line = `[${'#'.repeat(tenths).padEnd(10, '.')}] ${String(share).padStart(3)} %  ${step}, ${amount(of)}`
    if (line === last) return
    last = line
    stdout.write(stdout.isTTY ? `\r${line}\u001b[K${done >= of ? '\n' : ''}` : `${line}\n`)
  }
}

function amount(number) {
  return number.toLocaleString('en')
}

function secondsSince(startedAt) {
  return ((performance.now() - startedAt) / 1_000).toFixed(1)
}

function say(line) {
  process.stdout.write(`${line}\n`)
}
