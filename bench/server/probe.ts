// Runs inside each measured process, before everything else: its parent asks for what the process has used.
import { type HeapProfiler, type Profiler, Session } from 'node:inspector/promises'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { GCProfiler } from 'node:v8'

/** Between `begin` and `end`. */
export type Usage = {
  /** User and system time of all threads. */
  readonly cpuMs: number
  readonly allocatedBytes: number
  readonly rssMb: number
  readonly loopDelayMs: { readonly mean: number; readonly p99: number }
}

const resolutionMs = 10
let profiler: GCProfiler
let usage: NodeJS.CpuUsage
let heapBytes: number
let delay: ReturnType<typeof monitorEventLoopDelay>

const begin = () => {
  profiler = new GCProfiler()
  profiler.start()
  delay = monitorEventLoopDelay({ resolution: resolutionMs })
  delay.enable()
  heapBytes = process.memoryUsage().heapUsed
  usage = process.cpuUsage()
}

const end = (): Usage => {
  const { user, system } = process.cpuUsage(usage)
  const heapAtEnd = process.memoryUsage().heapUsed
  delay.disable()
  // What the heap grew between two collections was allocated.
  let [allocatedBytes, before] = [0, heapBytes]
  for (const { beforeGC, afterGC } of profiler.stop()?.statistics ?? []) {
    allocatedBytes += beforeGC.heapStatistics.usedHeapSize - before
    before = afterGC.heapStatistics.usedHeapSize
  }
  const loopDelayMs = { mean: delay.mean / 1e6 - resolutionMs, p99: delay.percentile(99) / 1e6 - resolutionMs }
  return {
    cpuMs: (user + system) / 1e3,
    allocatedBytes: allocatedBytes + heapAtEnd - before,
    rssMb: process.memoryUsage.rss() / 1e6,
    loopDelayMs,
  }
}

const session = new Session()

const profile = async (): Promise<null> => {
  session.connect()
  await session.post('Profiler.enable')
  await session.post('Profiler.setSamplingInterval', { interval: 100 })
  await session.post('Profiler.start')
  return null
}

const answers: Record<string, () => unknown> = {
  begin: () => {
    begin()
    return null
  },
  end,
  profile,
  allocations: async (): Promise<null> => {
    session.connect()
    await session.post('HeapProfiler.startSampling', {
      samplingInterval: 4_096,
      includeObjectsCollectedByMajorGC: true,
      includeObjectsCollectedByMinorGC: true,
    })
    return null
  },
  allocated: async (): Promise<HeapProfiler.SamplingHeapProfile> =>
    (await session.post('HeapProfiler.stopSampling')).profile,
  profiled: async (): Promise<Profiler.Profile> => (await session.post('Profiler.stop')).profile,
}

process.on('message', async (word) => {
  const answer = answers[String(word)]
  if (answer) process.send?.(await answer())
})
// The parent decides when this process ends, not this listener.
process.channel?.unref()
