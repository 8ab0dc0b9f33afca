export type PlanNode = {
  readonly 'Node Type': string
  readonly 'Relation Name'?: string
  readonly 'Index Name'?: string
  readonly 'Actual Rows': number
  readonly 'Actual Loops': number
  readonly 'Rows Removed by Filter'?: number
  readonly 'Shared Hit Blocks': number
  readonly 'Shared Read Blocks': number
  readonly 'Temp Written Blocks': number
  readonly Plans?: readonly PlanNode[]
}

/** A statement as the backend sent it, and how the database ran it. */
export type Seen = {
  readonly file: string
  readonly name: string
  readonly text: string
  readonly parameters: number
  readonly plan: { readonly root: PlanNode; readonly ms: number }
}

/** The tables that grow with use. */
const growing = new Set([
  ...['users', 'follows', 'activities', 'hashtags', 'likes', 'reposts', 'notifications'],
  ...['message_groups', 'message_group_members', 'messages'],
])
/** 8 kB pages that one statement may touch. The feed of 500 followed people needs about a third. */
const mostBuffers = 20_000

const nodesOf = (node: PlanNode): PlanNode[] => [node, ...(node.Plans ?? []).flatMap(nodesOf)]

export const buffersOf = ({ plan: { root } }: Seen): number => root['Shared Hit Blocks'] + root['Shared Read Blocks']
export const indexesOf = ({ plan: { root } }: Seen): string[] =>
  [...new Set(nodesOf(root).flatMap((node) => node['Index Name'] ?? []))].toSorted()

/** The growing tables that a statement reads from one end to the other. */
export const scansOf = ({ plan: { root } }: Seen): string[] =>
  nodesOf(root)
    .filter((node) => node['Node Type'] === 'Seq Scan')
    .map((node) => node['Relation Name'] ?? '')
    .filter((name) => growing.has(name))

/** The problems of a plan, in words. */
export const complaintsAbout = (seen: Seen): string[] => {
  const who = `${seen.file} ${seen.name}`
  return [
    ...scansOf(seen).map((table) => `${who}: a sequential scan of ${table}`),
    ...(seen.plan.root['Temp Written Blocks'] > 0 ? [`${who}: sorts or hashes on disk`] : []),
    ...(buffersOf(seen) > mostBuffers ? [`${who}: touches ${buffersOf(seen)} pages`] : []),
    ...(/\boffset\b/i.test(seen.text) ? [`${who}: has an OFFSET`] : []),
  ]
}
