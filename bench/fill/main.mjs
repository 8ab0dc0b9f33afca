// npm run db:fill [-- --activities 1000000 --people 100000 --likes 1000000]   fills the database with made-up people and what they do
// npm run db:fill -- --remove                                                 takes them away again
import { parseArgs } from 'node:util'
import { onDatabase, refuse } from '../../scripts/on-database.mjs'
import { Refusal } from '../../scripts/refusal.mjs'
import { alreadyThere, assertOurs, fill, mostLikes, remove, settle, sizesOf } from './fill.mjs'

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
    await assertOurs(client)
    await (values.remove ? takeAway(client) : putThere(client, sizes))
  })
} catch (error) {
  refuse(error)
}

function numberOf(name, text, least, most) {
  const number = Number(text)
  if (Number.isInteger(number) && number >= least && number <= most) return number
  throw new Refusal(`--${name} must be a number from ${least} to ${most}. It is: ${text}`)
}

async function putThere(client, sizes) {
  const there = await alreadyThere(client)
  if (there.people > 0) {
    const words = `There are ${amount(there.activities)} activities by ${amount(there.people)} people from an earlier fill`
    // Some of them may have expired since, and been swept away: as many people are the same fill.
    if (there.whole && there.people === sizes.people) return say(`${words}: nothing to do.`)
    const state = there.whole ? '' : ' that was cut short'
    throw new Refusal(`${words}${state}: take them away first, npm run db:fill -- --remove`)
  }
  const startedAt = performance.now()
  await fill(client, sizes, progress())
  say('Letting the planner know …')
  await settle(client)
  const { activities, people, likes, reposts, messages } = sizes
  const made = Object.entries({ activities, people, likes, reposts, messages }).map(
    ([name, n]) => `${amount(n)} ${name}`,
  )
  say(
    `Made ${made.join(', ')} in ${secondsSince(startedAt)} s. The people are called fill_0, fill_1 …; nobody can sign in as them.`,
  )
}

async function takeAway(client) {
  const { people, activities } = await alreadyThere(client)
  if (people === 0) return say('Nothing of an earlier fill is there.')
  const startedAt = performance.now()
  await remove(client, progress())
  await settle(client)
  say(
    `Took away ${amount(people)} people, their ${amount(activities)} activities and all that is theirs in ${secondsSince(startedAt)} s.`,
  )
}

/** One line that grows on a terminal; elsewhere a line for each tenth. */
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
