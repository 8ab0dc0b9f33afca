// Measures what the signals cost the backend: see docs/cost.md.
import { setTimeout as delay } from 'node:timers/promises'
import { options } from '../options.ts'
import { publish, say } from '../report.ts'
import { quantile, shuffled } from '../statistics.ts'
import { type Arm, type ArmName, armNames, openArm } from './arm.ts'
import { type Answered, type Kind, kinds, send, sendAtRate } from './load.ts'
import type { Usage } from './probe.ts'
import { allocationsOf, profileOf } from './profile.ts'
import { complaintsIn, draw } from './report.ts'
import {
  allAndTenPercent,
  type Difference,
  differencesOf,
  type Evidence,
  evidenceIn,
  sizeOf,
  stockAndOurs,
} from './sameness.ts'
import type { Received } from './sinks.ts'

/** One arm in one set. Everything is per request: of all kinds, or of one. */
type Cost = {
  readonly cpuMs: number
  readonly homeMs: number
  readonly profileMs: number
  readonly likeMs: number
  readonly allocatedKb: number
  readonly rssMb: number
}
type Speed = {
  readonly perSecondOf4: number
  readonly perSecondOf16: number
  readonly loopDelayP99: number
  /** At a fixed rate. */
  readonly p50: number
  readonly p99: number
}
type ByArm<Of> = Partial<Record<ArmName, Of>>
export type Sample = Cost & Speed
export type Sent = { readonly requests: number; readonly homes: number; readonly refused: number }
export type Results = {
  readonly sets: readonly Readonly<ByArm<Sample>>[]
  /** Requests a second at which each set's latency was measured. */
  readonly rates: readonly number[]
  readonly arrived: Readonly<ByArm<{ readonly sent: Sent; readonly received: Received }>>
  readonly comparisons: readonly string[]
  /** What one arm's vendors got and another's did not. */
  readonly differences: readonly string[]
}

const quickArms: readonly ArmName[] = ['bare', 'stock with four', 'ours with four']
const armOf = (start: string): ArmName => {
  const found = armNames.find((one) => one.startsWith(start.trim()))
  if (!found) throw new Error(`There is no arm "${start}". Choose from: ${armNames.join(', ')}.`)
  return found
}
const named = options.arms?.split(',').map(armOf)
const names = named ?? (options.quick ? quickArms : armNames)
const size = options.quick
  ? { sets: 2, warmUp: 500, turns: 3, seconds: 0.5 }
  : { sets: 5, warmUp: 2_500, turns: 16, seconds: 1 }
if (options.sets) size.sets = Number(options.sets)

/** Requests that one arm gets before the next one's turn. Short turns spread a change of the machine's speed over all arms. */
const turn = 25
/** The slowest queue: winston-cloudwatch sends every two seconds. */
const settleMs = 2_500
/** A sampled backend decides about a trace after 20 s. */
const decidedMs = 21_500
/** By which the clocks of two processes may differ. */
const clockMs = 50
/** Of what bare reaches with four connections. Every arm keeps up with it. */
const shareOfBare = 0.5

const sets: ByArm<Sample>[] = []
const rates: number[] = []
const arrived: ByArm<{ sent: Sent; received: Received }> = {}
const differences = new Set<string>()
/** Of the last set. */
let comparisons: string[] = []
/** `other` must have what `one` has. */
const alike: readonly { one: ArmName; other: ArmName; expected: readonly Difference[] }[] = [
  { one: 'stock with four', other: 'ours with four', expected: stockAndOurs },
  { one: 'ours with four', other: 'ours at 10 %', expected: allAndTenPercent },
  { one: 'ours at 10 %', other: 'ours with four', expected: allAndTenPercent },
]
const nothing: Sent = { requests: 0, homes: 0, refused: 0 }
let sent = new Map<ArmName, Sent>()

const count = (arm: Arm, answered: Answered): Answered => {
  const all = sent.get(arm.name) ?? nothing
  sent.set(arm.name, {
    requests: all.requests + answered.requests,
    homes: all.homes + answered.homes,
    refused: all.refused + answered.refused,
  })
  return answered
}

/** The arms take short turns. Then all wait for their queues, and CPU counts until the end of that. */
const measure = async (arms: readonly Arm[], kind: Kind): Promise<Map<ArmName, Usage>> => {
  for (const arm of arms) await arm.begin()
  for (let time = 0; time < size.turns; time++) {
    for (const arm of shuffled(arms)) {
      count(arm, await send(arm.target, { kinds: [kind], connections: 1, requests: turn }))
    }
  }
  await delay(settleMs)
  const usages = new Map<ArmName, Usage>()
  for (const arm of arms) usages.set(arm.name, await arm.end())
  return usages
}

const costsOf = async (arms: readonly Arm[]): Promise<ByArm<Cost>> => {
  const usages = new Map<Kind, Map<ArmName, Usage>>()
  for (const kind of shuffled(kinds)) usages.set(kind, await measure(arms, kind))
  const costs: ByArm<Cost> = {}
  const requests = size.turns * turn
  for (const { name } of arms) {
    const usageOf = (kind: Kind) => usages.get(kind)?.get(name) as Usage
    const mean = (of: (usage: Usage) => number) =>
      kinds.reduce((sum, kind) => sum + of(usageOf(kind)), 0) / kinds.length / requests
    costs[name] = {
      cpuMs: mean(({ cpuMs }) => cpuMs),
      homeMs: usageOf('home').cpuMs / requests,
      profileMs: usageOf('profile').cpuMs / requests,
      likeMs: usageOf('like').cpuMs / requests,
      allocatedKb: mean(({ allocatedBytes }) => allocatedBytes) / 1e3,
      rssMb: Math.max(...kinds.map((kind) => usageOf(kind).rssMb)),
    }
  }
  return costs
}

const throughputOf = async (arm: Arm, connections: number): Promise<number> => {
  const { requests, seconds } = count(arm, await send(arm.target, { kinds, connections, seconds: size.seconds }))
  return requests / seconds
}

const speedsOf = async (arms: readonly Arm[], perSecond: number): Promise<ByArm<Speed>> => {
  const speeds: ByArm<Speed> = {}
  for (const arm of shuffled(arms)) {
    let perSecondOf4 = 0
    const loopDelayP99 = await arm.lateness(async () => {
      perSecondOf4 = await throughputOf(arm, 4)
    })
    const perSecondOf16 = await throughputOf(arm, 16)
    const { ms } = count(arm, await sendAtRate(arm.target, { kinds, perSecond, seconds: size.seconds }))
    speeds[arm.name] = { perSecondOf4, perSecondOf16, loopDelayP99, p50: quantile(ms, 0.5), p99: quantile(ms, 0.99) }
  }
  return speeds
}

const isSampled = ({ name }: Arm): boolean => name === 'ours at 10 %'

/** The same requests for each arm, each kind at least once. The result waits for what the vendors of an arm got. */
const sendAlike = async (arms: readonly Arm[]): Promise<(arm: Arm) => Promise<Evidence[]>> => {
  const since = new Map<Arm, number>()
  for (const arm of arms) {
    // A like is given and taken back.
    const all = { kinds: [...kinds, 'like'], connections: 1 } as const
    // The first requests open connections to the database, in one arm more and in another fewer.
    await send(arm.target, { ...all, requests: 4 })
    await delay(2 * clockMs)
    since.set(arm, Date.now() - clockMs)
    // Of a hundred of each kind, one in ten is kept.
    await send(arm.target, { ...all, requests: isSampled(arm) ? 400 : 4 })
  }
  const sentAt = performance.now()
  return async (arm) => {
    await delay(Math.max(0, (isSampled(arm) ? decidedMs : settleMs) - (performance.now() - sentAt)))
    return evidenceIn(await arm.sinks.seen(), since.get(arm))
  }
}

const compareSeen = (seen: ReadonlyMap<ArmName, readonly Evidence[]>): void => {
  comparisons = []
  for (const { one, other, expected } of alike) {
    const [first, second] = [seen.get(one), seen.get(other)]
    if (!first || !second) continue
    comparisons.push(`${other} has what ${one} has: ${sizeOf(first)}`)
    for (const words of differencesOf(first, second, expected))
      differences.add(`${other} differs from ${one}: ${words}`)
  }
}

const warmUp = async (arm: Arm): Promise<void> => {
  await send(arm.target, { kinds, connections: 4, requests: size.warmUp })
}

/** New processes, so that the chance of one start does not decide. */
const runSet = async (set: number): Promise<void> => {
  const arms: Arm[] = []
  try {
    for (const name of shuffled(names)) arms.push(await openArm(name))
    // The sampled arm decides about its warm-up while the others warm up, so that this costs no measured request.
    const [sampled, others] = [arms.filter(isSampled), arms.filter((arm) => !isSampled(arm))]
    for (const arm of sampled) await warmUp(arm)
    const seenBy = await sendAlike(arms)
    const seen = new Map<ArmName, Evidence[]>()
    for (const arm of others) {
      seen.set(arm.name, await seenBy(arm))
      await warmUp(arm)
    }
    for (const arm of sampled) seen.set(arm.name, await seenBy(arm))
    compareSeen(seen)
    const bare = arms.find(({ name }) => name === 'bare') ?? (arms[0] as Arm)
    const rate = Math.round(shareOfBare * (await throughputOf(bare, 4)))
    await delay(settleMs)
    for (const arm of arms) await arm.sinks.received()
    sent = new Map()
    say(`set ${set}: ${arms.length} arms are warm`)

    // The sampled arm decides about these while it gets the next ones, so its CPU is that of as many decisions as requests.
    await costsOf(arms)
    const [costs, speeds] = [await costsOf(arms), await speedsOf(arms, rate)]
    sets.push(Object.fromEntries(names.map((name) => [name, { ...costs[name], ...speeds[name] } as Sample])))
    rates.push(rate)
    const figures = names.map(
      (name) => `${name} ${costs[name]?.cpuMs.toFixed(3)} ms, ${speeds[name]?.perSecondOf4.toFixed(0)}/s`,
    )
    say(`set ${set}: ${figures.join('; ')}`)
    // What arrived is shown for the last set.
    await delay(set === size.sets && sampled.length > 0 ? decidedMs : settleMs)
    for (const { name, sinks } of arms) {
      arrived[name] = { sent: sent.get(name) as Sent, received: await sinks.received() }
    }
  } finally {
    await Promise.all(arms.map((arm) => arm.close()))
  }
}

const show = (title: string, rows: readonly (readonly [place: string, size: number])[]): void => {
  const total = rows.reduce((sum, [, size]) => sum + size, 0)
  process.stdout.write(`${total.toFixed(0)} ${title}\n`)
  for (const [place, size] of rows.slice(0, 60)) process.stdout.write(`${size.toFixed(1).padStart(9)}  ${place}\n`)
}

const compare = async (): Promise<void> => {
  for (let set = 1; set <= size.sets; set++) await runSet(set)
  const results: Results = {
    sets,
    rates,
    arrived,
    comparisons,
    differences: [...differences],
  }
  publish({ name: 'server', ...draw(results, names), complaints: complaintsIn(results) })
}

const depth = options.functions ? 'function' : 'package'
const { profile, allocations } = options
if (profile !== undefined) show('µs of a request', await profileOf(armOf(profile), depth))
else if (allocations !== undefined) show('bytes of a request', await allocationsOf(armOf(allocations), depth))
else await compare()
