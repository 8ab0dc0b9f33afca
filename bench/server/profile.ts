import type { HeapProfiler, Profiler } from 'node:inspector/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { type ArmName, openArm } from './arm.ts'
import { kinds, send } from './load.ts'

const warmUp = 6_000
const requests = 4_000
const settleMs = 2_500
const idle = new Set(['(idle)', '(program)', '(root)'])

type Depth = 'package' | 'function'

/** Where a warm process spends its time: microseconds per request, by package or function. Node's own time counts for its caller. */
export const profileOf = async (name: ArmName, depth: Depth): Promise<[place: string, us: number][]> => {
  const arm = await openArm(name)
  try {
    await send(arm.target, { kinds, connections: 4, requests: warmUp })
    await delay(settleMs)
    const profile = await arm.profile(async () => {
      await send(arm.target, { kinds, connections: 1, requests })
      await delay(settleMs)
    })
    const us = timesIn(profile, depth)
    return [...us].sort((a, b) => b[1] - a[1]).map(([place, time]) => [place, time / requests])
  } finally {
    await arm.close()
  }
}

/** Which packages or functions allocate how many bytes of a request, whether or not they are still used. */
export const allocationsOf = async (name: ArmName, depth: Depth): Promise<[place: string, bytes: number][]> => {
  const arm = await openArm(name)
  try {
    await send(arm.target, { kinds, connections: 4, requests: warmUp })
    const { head } = await arm.allocations(async () => {
      await send(arm.target, { kinds, connections: 1, requests })
      await delay(settleMs)
    })
    const bytes = new Map<string, number>()
    const walk = (node: HeapProfiler.SamplingHeapProfileNode, caller: string) => {
      const { functionName, url, lineNumber } = node.callFrame
      const place = url === '' || url.startsWith('node:') ? caller : placeOf(url, functionName, lineNumber, depth)
      bytes.set(place, (bytes.get(place) ?? 0) + node.selfSize)
      for (const child of node.children) walk(child, place)
    }
    walk(head, 'node')
    return [...bytes].sort((a, b) => b[1] - a[1]).map(([place, size]) => [place, size / requests])
  } finally {
    await arm.close()
  }
}

const placeOf = (url: string, functionName: string, lineNumber: number, depth: Depth): string => {
  const file = fileOf(url)
  if (depth === 'function') return `${file} ${functionName}:${lineNumber + 1}`
  return file.replace(/^node_modules\/((?:@[^/]+\/)?[^/]+).*/, '$1')
}

const timesIn = ({ nodes, samples = [], timeDeltas = [] }: Profiler.Profile, depth: Depth): Map<string, number> => {
  const byId = new Map(nodes.map((node) => [node.id, node]))
  const parents = new Map<number, number>()
  for (const { id, children = [] } of nodes) for (const child of children) parents.set(child, id)
  const placeOfNode = (id: number): string | null => {
    for (let at: number | undefined = id; at !== undefined; at = parents.get(at)) {
      const { functionName, url, lineNumber } = (byId.get(at) as Profiler.ProfileNode).callFrame
      if (functionName === '(garbage collector)') return 'garbage collector'
      if (idle.has(functionName) && at === id) return null
      if (url === '' || url.startsWith('node:')) continue
      return placeOf(url, functionName, lineNumber, depth)
    }
    const { functionName, url } = (byId.get(id) as Profiler.ProfileNode).callFrame
    return depth === 'package' ? 'node' : `${url || 'native'} ${functionName}`
  }
  const places = new Map<number, string | null>()
  const us = new Map<string, number>()
  for (let index = 0; index < samples.length; index++) {
    const id = samples[index] as number
    if (!places.has(id)) places.set(id, placeOfNode(id))
    const place = places.get(id)
    if (place) us.set(place, (us.get(place) ?? 0) + (timeDeltas[index] ?? 0))
  }
  return us
}

const fileOf = (url: string): string => {
  const path = url.replace(/^file:\/\//, '')
  const at = path.lastIndexOf('/node_modules/')
  return at >= 0 ? path.slice(at + 1) : path.replace(/^.*\/(?=(backend|packages|bench|shared)\/)/, '')
}
