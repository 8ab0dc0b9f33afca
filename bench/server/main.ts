// Measures what the signals cost the backend: see docs/cost.md. `--profile ours` says where one arm spends its time.
import { writeFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { type Arm, type ArmName, armNames, openArm } from './arm.ts'
import { type Answered, kinds, send } from './load.ts'
import type { Usage } from './probe.ts'
import { allocationsOf, profileOf } from './profile.ts'
import { complaintsIn, draw, writePage } from './report.ts'
import type { Received } from './sinks.ts'
import { median, quantile } from './statistics.ts'

/** One arm in one round. CPU and bytes are of requests in turn, the others of four connections. */
export type Sample = {
  readonly cpuMs: number
  readonly allocatedKb: number
  readonly perSecond: number
  readonly p50: number
  readonly p99: number
  readonly loopDelayP99: number
  readonly rssMb: number
}
export type Round = Readonly<Partial<Record<ArmName, Sample>>>
export type Sent = { requests: number; homes: number }
export type Results = {
  readonly date: string
  readonly rounds: readonly Round[]
  /** CPU of each kind of request, in ms. */
  readonly byKind: Readonly<Record<string, Readonly<Partial<Record<ArmName, number>>>>>
  readonly arrived: Readonly<Partial<Record<ArmName, { readonly sent: Sent; readonly received: Received }>>>
}

const { values } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false },
    arms: { type: 'string' },
    rounds: { type: 'string' },
    json: { type: 'string' },
    write: { type: 'boolean', default: false },
    profile: { type: 'string' },
    allocations: { type: 'string' },
    functions: { type: 'boolean', default: false },
  },
})
const quickArms: readonly ArmName[] = ['bare', 'stock with four', 'ours with four']
const armOf = (start: string): ArmName => armNames.find((one) => one.startsWith(start.trim())) ?? 'bare'
const named = values.arms?.split(',').map(armOf)
const names = named ?? (values.quick ? quickArms : armNames)
const size = values.quick
  ? { sets: 1, rounds: 4, warmUp: 3_000, inTurn: 450, seconds: 1.5, kinds: 0 }
  : { sets: 3, rounds: 4, warmUp: 6_000, inTurn: 600, seconds: 3, kinds: 200 }
if (values.rounds) size.rounds = Number(values.rounds)

/** The slowest queue: winston-cloudwatch sends every two seconds. A trace that is not sampled waits for 20 s. */
const settleMs = (name: ArmName) => (name === 'ours at 10 %' && !values.quick ? 21_500 : 2_500)
const startedAt = performance.now()
const say = (line: string) =>
  void process.stderr.write(`${((performance.now() - startedAt) / 1e3).toFixed(0).padStart(5)} s  ${line}\n`)

const shuffled = <Item>(items: readonly Item[]): Item[] =>
  items
    .map((item) => [Math.random(), item] as const)
    .sort(([a], [b]) => a - b)
    .map(([, item]) => item)

const rounds: Round[] = []
const cpuOfKind: Record<string, Partial<Record<ArmName, number[]>>> = {}
const arrived: Partial<Record<ArmName, { sent: Sent; received: Received }>> = {}

const measure = async (arm: Arm, load: () => Promise<Answered>): Promise<{ usage: Usage; answered: Answered }> => {
  await arm.begin()
  const answered = await load()
  await delay(settleMs(arm.name))
  return { usage: await arm.end(), answered }
}

const count = (sent: Sent, { requests, homes }: Answered) => {
  sent.requests += requests
  sent.homes += homes
}

const sampleOf = async (arm: Arm, sent: Sent): Promise<Sample> => {
  const inTurn = await measure(arm, () => send(arm.target, { kinds, connections: 1, requests: size.inTurn }))
  await arm.begin()
  const four = await send(arm.target, { kinds, connections: 4, seconds: size.seconds })
  const { loopDelayMs } = await arm.end()
  await delay(settleMs(arm.name))
  count(sent, inTurn.answered)
  count(sent, four)
  const { requests } = inTurn.answered
  return {
    cpuMs: inTurn.usage.cpuMs / requests,
    allocatedKb: inTurn.usage.allocatedBytes / requests / 1e3,
    perSecond: four.requests / four.seconds,
    p50: quantile(four.ms, 0.5),
    p99: quantile(four.ms, 0.99),
    loopDelayP99: loopDelayMs.p99,
    rssMb: inTurn.usage.rssMb,
  }
}

const measureKinds = async (arms: readonly Arm[], sent: Map<ArmName, Sent>): Promise<void> => {
  for (const kind of kinds) {
    for (const arm of shuffled(arms)) {
      const { usage, answered } = await measure(arm, () =>
        send(arm.target, { kinds: [kind], connections: 1, requests: size.kinds }),
      )
      count(sent.get(arm.name) as Sent, answered)
      cpuOfKind[kind] ??= {}
      cpuOfKind[kind][arm.name] ??= []
      cpuOfKind[kind][arm.name]?.push(usage.cpuMs / size.kinds)
    }
  }
}

/** New processes, so that the chance of one start does not decide. */
const runSet = async (set: number): Promise<void> => {
  const arms: Arm[] = []
  try {
    for (const name of shuffled(names)) arms.push(await openArm(name))
    const sent = new Map<ArmName, Sent>()
    for (const arm of arms) {
      await send(arm.target, { kinds, connections: 4, requests: size.warmUp })
      await delay(settleMs(arm.name))
      await arm.sinks.received()
      sent.set(arm.name, { requests: 0, homes: 0 })
    }
    for (let round = 1; round <= size.rounds; round++) {
      const samples: Partial<Record<ArmName, Sample>> = {}
      for (const arm of shuffled(arms)) samples[arm.name] = await sampleOf(arm, sent.get(arm.name) as Sent)
      rounds.push(samples)
      say(`set ${set}, round ${round}: ${names.map((name) => `${name} ${samples[name]?.cpuMs.toFixed(3)}`).join(', ')}`)
    }
    if (size.kinds > 0) await measureKinds(arms, sent)
    for (const arm of arms) {
      const received = await arm.sinks.received()
      arrived[arm.name] = { sent: sent.get(arm.name) as Sent, received }
    }
  } finally {
    for (const arm of arms) await arm.close()
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
    date: new Date().toISOString().slice(0, 10),
    rounds,
    byKind: Object.fromEntries(
      Object.entries(cpuOfKind).map(([kind, arms]) => [
        kind,
        Object.fromEntries(Object.entries(arms).map(([name, all]) => [name, median(all)])),
      ]),
    ),
    arrived,
  }
  const tables = draw(results, names)
  process.stdout.write(`${tables}\n`)
  if (values.json) writeFileSync(values.json, `${JSON.stringify(results, null, 2)}\n`)
  if (values.write) writePage(tables)
  const complaints = complaintsIn(results)
  for (const complaint of complaints) process.stdout.write(`✖ ${complaint}\n`)
  if (complaints.length > 0) process.exitCode = 1
}

const depth = values.functions ? 'function' : 'package'
const { profile, allocations } = values
if (profile !== undefined) show('µs of a request', await profileOf(armOf(profile), depth))
else if (allocations !== undefined) show('bytes of a request', await allocationsOf(armOf(allocations), depth))
else await compare()
