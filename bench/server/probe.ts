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
}

let profiler: GCProfiler
let usage: NodeJS.CpuUsage
let heapBytes: number

const begin = () => {
  profiler = new GCProfiler()
  profiler.start()
  heapBytes = process.memoryUsage().heapUsed
  usage = process.cpuUsage()
}

const end = (): Usage => {
  const { user, system } = process.cpuUsage(usage)
  const heapAtEnd = process.memoryUsage().heapUsed
  // What the heap grew between two collections was allocated.
  let [allocatedBytes, before] = [0, heapBytes]
  for (const { beforeGC, afterGC } of profiler.stop()?.statistics ?? []) {
    allocatedBytes += beforeGC.heapStatistics.usedHeapSize - before
    before = afterGC.heapStatistics.usedHeapSize
  }
  return {
    cpuMs: (user + system) / 1e3,
    allocatedBytes: allocatedBytes + heapAtEnd - before,
    rssMb: process.memoryUsage.rss() / 1e6,
  }
}

/** Its timer costs CPU, so it runs only while CPU is not measured. */
const loopDelay = monitorEventLoopDelay({ resolution: 10 })

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
  watch: () => {
    loopDelay.reset()
    loopDelay.enable()
    return null
  },
  watched: () => {
    loopDelay.disable()
    return loopDelay.percentile(99) / 1e6 - 10
  },
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
