// Runs inside each measured process, before everything else: its parent asks for what the process has used.
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

process.on('message', (word) => {
  if (word === 'begin') begin()
  if (word === 'begin' || word === 'end') process.send?.(word === 'end' ? end() : null)
})
// The parent decides when this process ends, not this listener.
process.channel?.unref()
