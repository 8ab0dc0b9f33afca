import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { type ArmName, openArm } from './arm.ts'
import { kinds, send } from './load.ts'

type Node = {
  readonly id: number
  readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number }
  readonly children?: readonly number[]
}
type Profile = {
  readonly nodes: readonly Node[]
  readonly samples: readonly number[]
  readonly timeDeltas: readonly number[]
}

const warmUp = 3_000
const requests = 6_000
const idle = new Set(['(idle)', '(program)', '(root)'])

/** Where a process spends its time: microseconds per request, by package or file. Node's own time counts for its caller. */
export const profileOf = async (
  name: ArmName,
  depth: 'package' | 'function',
): Promise<[place: string, us: number][]> => {
  const folder = mkdtempSync(join(tmpdir(), 'cruddur-profile-'))
  const arm = await openArm(name, { flags: ['--cpu-prof', '--cpu-prof-interval', '200', `--cpu-prof-dir=${folder}`] })
  try {
    await send(arm.target, { kinds, connections: 1, requests: warmUp })
    await delay(2_500)
    await send(arm.target, { kinds, connections: 1, requests })
    await delay(2_500)
  } finally {
    await arm.close()
  }
  const [file = ''] = readdirSync(folder)
    .map((one) => join(folder, one))
    .sort((a, b) => readFileSync(b).length - readFileSync(a).length)
  const us = timesIn(JSON.parse(readFileSync(file, 'utf8')), depth)
  rmSync(folder, { recursive: true })
  return [...us].sort((a, b) => b[1] - a[1]).map(([place, time]) => [place, time / (requests + warmUp)])
}

const timesIn = ({ nodes, samples, timeDeltas }: Profile, depth: 'package' | 'function'): Map<string, number> => {
  const byId = new Map(nodes.map((node) => [node.id, node]))
  const parents = new Map<number, number>()
  for (const { id, children = [] } of nodes) for (const child of children) parents.set(child, id)
  const placeOf = (id: number): string | null => {
    for (let at: number | undefined = id; at !== undefined; at = parents.get(at)) {
      const { functionName, url, lineNumber } = (byId.get(at) as Node).callFrame
      if (functionName === '(garbage collector)') return 'garbage collector'
      if (idle.has(functionName) && at === id) return null
      if (url === '' || url.startsWith('node:')) continue
      const file = fileOf(url)
      return depth === 'package'
        ? file.replace(/^node_modules\/((?:@[^/]+\/)?[^/]+).*/, '$1')
        : `${file} ${functionName}:${lineNumber + 1}`
    }
    const { functionName, url } = (byId.get(id) as Node).callFrame
    return depth === 'package' ? 'node' : `${url || 'native'} ${functionName}`
  }
  const places = new Map<number, string | null>()
  const us = new Map<string, number>()
  for (let index = 0; index < samples.length; index++) {
    const id = samples[index] as number
    if (!places.has(id)) places.set(id, placeOf(id))
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
