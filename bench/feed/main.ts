// Measures the home feed: with more and more activities, and beside the Flask application that it comes from.
import { setTimeout as delay } from 'node:timers/promises'
import { cpuMs } from '../../e2e/faults/backend.ts'
import { startProcess } from '../../e2e/faults/remote.ts'
import { options } from '../options.ts'
import { openArm as openFilled, sizesFor } from '../queries/arm.ts'
import { answerTo } from '../queries/asks.ts'
import { buffersOf, indexesOf, scansOf } from '../queries/plans.ts'
import { machine, publish, say, startFigures, table } from '../report.ts'
import { openArm } from '../server/arm.ts'
import { send } from '../server/load.ts'
import type { createSinks } from '../server/sinks.ts'
import { median, shuffled } from '../statistics.ts'
import { startFlask, versionsOf } from './flask.ts'

const amounts = [1_000, ...(options.quick ? [10_000] : [100_000]), ...(options.million ? [1_000_000] : [])]
const size = options.quick
  ? { sets: 2, asks: 20, turns: 2, seconds: 0.5 }
  : { sets: 5, asks: 100, turns: 10, seconds: 1.2 }
if (options.sets) size.sets = Number(options.sets)
const [warmUpAsks, warmUp, turn] = [200, 800, 40]
const settleMs = 2_500
const { figures, times } = startFigures()
const complaints: string[] = []

type Sets = Map<string, number[]>
const keep = (sets: Sets, name: string, value: number) => sets.set(name, [...(sets.get(name) ?? []), value])
const [p50, cpu, perSecond]: [Sets, Sets, Sets] = [new Map(), new Map(), new Map()]
const inSets = (sets: Sets) => (name: string) => sets.get(name) ?? []

const measureAmounts = async (): Promise<string> => {
  const arms = await Promise.all(
    amounts.map((amount) => openFilled({ sizes: sizesFor(amount), swept: false, only: ['home'] })),
  )
  const nameOf = (at: number) => `home feed, ${amounts[at]} activities`
  const runSet = async () => {
    const backends = await Promise.all(arms.map((arm) => arm.start()))
    try {
      const ms = arms.map((): number[] => [])
      for (let time = 0; time < warmUpAsks + size.asks; time++) {
        for (const at of shuffled(arms.map((_, at) => at))) {
          const [request, url] = [arms[at]?.asks[0]?.request(time), backends[at]?.target.url]
          if (!request || !url) throw new Error('the home feed is not asked for')
          const answer = await answerTo(url, request)
          if (answer.status !== 200) complaints.push(`the home feed answers ${answer.status}`)
          if (time >= warmUpAsks) ms[at]?.push(answer.ms)
        }
      }
      for (const [at, some] of ms.entries()) keep(p50, nameOf(at), median(some))
    } finally {
      await Promise.all(backends.map((backend) => backend.end()))
    }
  }
  try {
    say('the databases are filled')
    const plans = await Promise.all(arms.map((arm) => arm.plans()))
    say('the plans are known')
    for (let set = 0; set < size.sets; set++) await runSet()
    const rows = arms.map(({ counts }, at) => {
      const seen = plans[at]?.flatMap((plan) => plan.seen) ?? []
      const statements = [...new Map(seen.map((one) => [one.text, one])).values()]
      const scans = [...new Set(statements.flatMap(scansOf))]
      return [
        counts.activities.toLocaleString('en'),
        times(nameOf(at), nameOf(0), { title: 'p50 ms', of: inSets(p50), digits: 2 }),
        String(statements.length),
        String(statements.reduce((sum, one) => sum + buffersOf(one), 0)),
        scans.length === 0 ? 'indexes only' : `scans ${scans.join(', ')}`,
        [...new Set(statements.flatMap(indexesOf))].map((index) => `\`${index}\``).join(' '),
      ]
    })
    return table(['activities', 'p50 ms', 'statements', '8 kB pages', 'plan', 'indexes'], rows)
  } finally {
    for (const arm of arms) await arm.close()
  }
}

type Feed = { readonly name: string; readonly url: string; readonly pid: number; readonly close: () => Promise<void> }

const openOurs = async (name: 'bare' | 'ours with four'): Promise<Feed> => {
  const { target, pid, close } = await openArm(name)
  return {
    name: name === 'bare' ? 'this backend, no telemetry' : 'this backend, four vendors',
    url: target.url,
    pid,
    close,
  }
}

const openFlask = async (python: string, isTraced: boolean): Promise<Feed> => {
  const sinks = await startProcess<typeof createSinks>('../../bench/server/sinks.ts', 'createSinks')
  const { otlp } = await sinks.env()
  const { url, pid, stop } = await startFlask(python, isTraced ? { ...otlp, OTEL_BSP_SCHEDULE_DELAY: '1000' } : {})
  const close = async () => {
    await stop()
    const { spans } = await sinks.received()
    if (isTraced && spans === 0) complaints.push('Flask sent no spans')
    await sinks.stopProcess()
  }
  return { name: isTraced ? 'Flask, traced' : 'Flask, no telemetry', url, pid, close }
}

/** The same three cruds, for a visitor who is not signed in. */
const measureFlask = async (): Promise<string> => {
  const python = options.python ?? 'python3'
  const versions = versionsOf(python)
  if (!versions) {
    return 'The Flask feed is left out: this Python has no `flask`, `opentelemetry-exporter-otlp-proto-http` and `opentelemetry-instrumentation-flask`.'
  }
  for (let set = 1; set <= size.sets; set++) {
    await measureFeeds(python)
    say(`set ${set} of the feeds`)
  }
  const [base = '', ...others] = cpu.keys()
  const rows = [base, ...others].map((name) => [
    name,
    times(name, base, { title: 'CPU ms per request', of: inSets(cpu), digits: 2 }),
    times(name, base, { title: 'requests/s', of: inSets(perSecond), digits: 0 }),
  ])
  const head = ['home feed of three cruds', 'CPU ms per request', 'requests/s, 4 connections']
  return `${table(head, rows)}\n\n${versions}.`
}

const measureFeeds = async (python: string): Promise<void> => {
  const feeds: Feed[] = []
  const kinds = ['home'] as const
  const targetOf = ({ url }: Feed) => ({ url, cookie: '', activity: '' })
  try {
    for (const name of ['bare', 'ours with four'] as const) feeds.push(await openOurs(name))
    for (const isTraced of [false, true]) feeds.push(await openFlask(python, isTraced))
    for (const feed of feeds) await send(targetOf(feed), { kinds, connections: 4, requests: warmUp })
    await delay(settleMs)
    const before = new Map(feeds.map((feed) => [feed, cpuMs(feed.pid)]))
    for (let time = 0; time < size.turns; time++) {
      for (const feed of shuffled(feeds)) await send(targetOf(feed), { kinds, connections: 1, requests: turn })
    }
    await delay(settleMs)
    for (const feed of feeds) {
      keep(cpu, feed.name, (cpuMs(feed.pid) - (before.get(feed) ?? 0)) / (size.turns * turn))
    }
    for (const feed of shuffled(feeds)) {
      const plan = { kinds, connections: 4, seconds: size.seconds }
      const { requests, refused, seconds } = await send(targetOf(feed), plan)
      if (refused > 0) complaints.push(`${feed.name} refused ${refused} requests`)
      keep(perSecond, feed.name, requests / seconds)
    }
  } finally {
    for (const feed of feeds) await feed.close()
  }
}

const text = [`${machine()}, ${size.sets} sets.`, await measureAmounts(), await measureFlask()].join('\n\n')
publish({ name: 'feed', text, figures, complaints })
