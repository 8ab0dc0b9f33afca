import type { OnFault } from './faults.ts'
import type { Action, Interaction } from './interaction.ts'

const newPage = () => ({
  isStarted: false,
  userId: null as string | null,
  route: null as string | null,
  openInteractions: new Set<Interaction>(),
  onAction: new Set<(action: Action) => void>(),
  onFault: new Set<OnFault>(),
  /** The trace in which an error was recorded. */
  traceIds: new WeakMap<object, string | null>(),
})

const key = Symbol.for('@cruddur/trace-web')
const place = globalThis as { [key]?: ReturnType<typeof newPage> }
place[key] ??= newPage()

/** The state that a page has once, even if its bundle contains this package twice. */
export const page = place[key]
