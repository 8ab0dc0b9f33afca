// Measures the home feed: with more and more activities, and beside the Flask application that it comes from.
import { setTimeout as delay } from 'node:timers/promises'
import { cpuMs } from '../../e2e/faults/backend.ts'
import { startProcess } from '../../e2e/faults/remote.ts'
import { options } from '../options.ts'
import { openArm as openFilled, sizesFor } from '../queries/arm.ts'
import { answerTo } from '../queries/asks.ts'
import { buffersOf, indexesOf, scansOf } from '../queries/plans.ts'
import { machine, publish, say, shown, table } from '../report.ts'
import { openArm } from '../server/arm.ts'
import { send } from '../server/load.ts'
import type { createSinks } from '../server/sinks.ts'
import { type Estimate, estimate, median, shuffled } from '../statistics.ts'
import { startFlask, versionsOf } from './flask.ts'

const amounts = [1_000, ...(options.quick ? [10_000] : [100_000]), ...(options.million ? [1_000_000] : [])]
const size = options.quick
  ? { asks: 50, rounds: 4, requests: 150, seconds: 0.5 }
  : { asks: 200, rounds: 10, requests: 300, seconds: 0.6 }
const warmUp = 1_000
const settleMs = 2_500
const figures: Record<string, Estimate> = {}
const complaints: string[] = []
const figure = (name: string, one: Estimate, digits: number): string => {
  figures[name] = one
  return shown(one, digits)
}

const measureAmounts = async (): Promise<string> => {
  const arms = await Promise.all(
    amounts.map((amount) => openFilled({ sizes: sizesFor(amount), swept: false, only: ['home'] })),
  )
  try {
    say('the databases are filled')
    const plans = await Promise.all(arms.map((arm) => arm.plans()))
    say('the plans are known')
    const times = arms.map((): number[] => [])
    for (let time = -10; time < size.asks; time++) {
      for (const at of shuffled(arms.map((_, at) => at))) {
        const arm = arms[at] as (typeof arms)[number]
        const request = arm.asks[0]?.request(time + 10)
        if (!request) throw new Error('the home feed is not asked for')
        const { status, ms } = await answerTo(arm.url, request)
        if (status !== 200) complaints.push(`the home feed answers ${status}`)
        if (time >= 0) times[at]?.push(ms)
      }
    }
    const rows = arms.map(({ counts }, at) => {
      const amount = counts.activities.toLocaleString('en')
      const seen = plans[at]?.flatMap((plan) => plan.seen) ?? []
      const statements = [...new Map(seen.map((one) => [one.text, one])).values()]
      const scans = [...new Set(statements.flatMap(scansOf))]
      return [
        amount,
        figure(`home feed, ${amounts[at]} activities: p50 ms`, estimate(times[at] ?? [], median), 2),
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
  const feeds: Feed[] = []
  try {
    for (const open of [() => openOurs('bare'), () => openOurs('ours with four')]) feeds.push(await open())
    for (const isTraced of [false, true]) feeds.push(await openFlask(python, isTraced))
    const samples = new Map(feeds.map(({ name }) => [name, { cpu: [] as number[], perSecond: [] as number[] }]))
    const kinds = ['home'] as const
    const targetOf = ({ url }: Feed) => ({ url, cookie: '', activity: '' })
    for (const feed of feeds) await send(targetOf(feed), { kinds, connections: 4, requests: warmUp })
    await delay(settleMs)
    say('the feeds are warm')
    for (let round = 0; round < size.rounds; round++) {
      const before = new Map<Feed, number>()
      for (const feed of shuffled(feeds)) {
        before.set(feed, cpuMs(feed.pid))
        await send(targetOf(feed), { kinds, connections: 1, requests: size.requests })
      }
      await delay(settleMs)
      for (const feed of feeds) {
        samples.get(feed.name)?.cpu.push((cpuMs(feed.pid) - (before.get(feed) ?? 0)) / size.requests)
      }
    }
    for (let round = 0; round < size.rounds; round++) {
      for (const feed of shuffled(feeds)) {
        const { requests, refused, seconds } = await send(targetOf(feed), {
          kinds,
          connections: 4,
          seconds: size.seconds,
        })
        if (refused > 0) complaints.push(`${feed.name} refused ${refused} requests`)
        samples.get(feed.name)?.perSecond.push(requests / seconds)
      }
    }
    const rows = [...samples].map(([name, { cpu, perSecond }]) => [
      name,
      figure(`${name}: CPU ms per request`, estimate(cpu, median), 2),
      figure(`${name}: requests/s`, estimate(perSecond, median), 0),
    ])
    const head = ['home feed of three cruds', 'CPU ms per request', 'requests/s, 4 connections']
    return `${table(head, rows)}\n\n${versions}.`
  } finally {
    for (const feed of feeds) await feed.close()
  }
}

const text = [
  `${machine()}. Medians, with 95 % bootstrap intervals.`,
  await measureAmounts(),
  await measureFlask(),
].join('\n\n')
publish({ name: 'feed', text, figures, complaints })
