import { context, type Link } from '@opentelemetry/api'
import { parseTraceParent } from '@opentelemetry/core'
import { plainListen, plainTimeout } from './context/outside.ts'
import { Interaction, interactionOf } from './interaction.ts'
import { isTextField, nameOfTarget } from './interaction-name.ts'

const tracedEvents = new Set(['click', 'submit', 'input', 'change', 'keydown', 'popstate'])

const interactionByEvent = new WeakMap<Event, Interaction>()
/** The interaction whose listener is running. Events dispatched inside that listener belong to it. */
let running: Interaction | undefined
/** The current click or key press. One click fires `click` and `submit`. One key fires `keydown`, `click`, `input`. */
let gesture: Interaction | undefined
let historyMove: Interaction | undefined

const maxRecent = 20
/** Kept because the browser reports later which of them were slow. */
const recent: Interaction[] = []

/** The interaction that started with the event at this time. */
export const interactionStartedAt = (timeStamp: number): Interaction | undefined =>
  recent.find(({ startedAt }) => startedAt === timeStamp)

const liveInteraction = (): Interaction | undefined => {
  const interaction = interactionOf(context.active())
  return interaction && !interaction.isOfPage() && interaction.isLive() ? interaction : undefined
}

const isSimulatedClick = (event: Event): boolean => (event as MouseEvent).detail === 0

const interactionContinuedBy = (event: Event): Interaction | undefined => {
  if (running) return running
  if (event.type === 'popstate') {
    const cause = historyMove
    historyMove = undefined
    return cause?.isLive() ? cause : undefined
  }
  if (event.type === 'keydown' || (event.type === 'click' && !isSimulatedClick(event))) return undefined
  return gesture?.isLive() ? gesture : undefined
}

const nameOf = (event: Event): string => {
  const target = event.composedPath()[0]
  if (event.type === 'popstate') return 'navigate'
  return target instanceof Element ? `${event.type} ${nameOfTarget(target, event.type)}` : event.type
}

/** A named form has one name, whether its button or a key submits it. */
const submitsNamedForm = ({ type, target }: Event): boolean =>
  type === 'submit' && target instanceof Element && target.hasAttribute('data-trace')

const begin = (event: Event): Interaction => {
  const { type } = event
  const cause = interactionContinuedBy(event)
  if (cause) {
    if (cause.type === 'keydown' || submitsNamedForm(event)) cause.rename(nameOf(event), type)
    return cause
  }
  const interaction = new Interaction(type, nameOf(event), event.timeStamp)
  recent.push(interaction)
  if (recent.length > maxRecent) recent.shift()
  if (event.isTrusted && type !== 'popstate') {
    gesture = interaction
    if (type !== 'keydown') endGesture(interaction)
  }
  return interaction
}

/** Default actions (submit, change, a label's second click) follow in the same task, those of a key before `keyup`. */
const endGesture = (interaction: Interaction | undefined): void => {
  plainTimeout(() => {
    if (gesture === interaction) gesture = undefined
  })
}

const isTraced = (event: Event): boolean =>
  tracedEvents.has(event.type) &&
  !(event.type === 'change' && event.target instanceof Element && isTextField(event.target)) &&
  !(event.type === 'keydown' && (event as KeyboardEvent).repeat)

const interactionFor = (event: Event): Interaction | undefined => {
  try {
    if (!isEnabled || !isTraced(event)) return undefined
    const interaction = interactionByEvent.get(event) ?? begin(event)
    interactionByEvent.set(event, interaction)
    return interaction
  } catch {
    return undefined
  }
}

const runIn = <Result>(interaction: Interaction, fn: () => Result): Result => {
  const outer = running
  running = interaction
  try {
    return context.with(interaction.context, fn)
  } finally {
    running = outer
  }
}

const runAsRoot = <Result>(interaction: Interaction, fn: () => Result): Result => {
  // A page without a tracer, such as a test of a component.
  if (!interaction.span.isRecording()) return fn()
  return runIn(interaction, () => {
    const result = fn()
    if (!(result instanceof Promise)) return result
    interaction.hold()
    return result.finally(() => interaction.release()) as Result
  })
}

/**
 * Runs `fn` as an action of the user that no event starts, such as scrolling to the end of a list. The action lasts at
 * least as long as the promise that `fn` returns, and never belongs to another action.
 */
export const withInteraction = <Result>(name: string, fn: () => Result): Result =>
  runAsRoot(new Interaction('explicit', name, performance.now()), fn)

type Causes = {
  /** The `traceparent` of each request that led to this, for the span's links. */
  causes?: readonly (string | null)[]
}

/** Runs `fn` as work that the page does by itself: a trace of its own, not an action of the user. */
export const inBackground = <Result>(name: string, fn: () => Result, { causes = [] }: Causes = {}): Result =>
  runAsRoot(new Interaction('background', name, performance.now(), linksTo(causes)), fn)

/** Runs `fn` in the current trace. Without one, it works like `inBackground`. */
export const inTrace = <Result>(name: string, fn: () => Result): Result =>
  interactionOf(context.active()) ? fn() : inBackground(name, fn)

type Actions<Own, Background> = {
  withInteraction: <Result>(name: Own, fn: () => Result) => Result
  inBackground: <Result>(name: Background, fn: () => Result, causes?: Causes) => Result
  inTrace: <Result>(name: Background, fn: () => Result) => Result
}

/** The three functions with the page's own names, which the type checker then checks. */
export const actions = <Own extends string = string, Background extends string = string>(): Actions<
  Own,
  Background
> => ({
  withInteraction,
  inBackground,
  inTrace,
})

const linksTo = (causes: readonly (string | null)[]): Link[] =>
  causes
    .map((cause) => parseTraceParent(cause ?? ''))
    .filter((context) => context !== null)
    .map((context) => ({ context }))

type Listener = EventListenerOrEventListenerObject
const wrapped = new WeakMap<Listener, EventListener>()

const wrap = (listener: Listener): EventListener => {
  const known = wrapped.get(listener)
  if (known) return known
  const wrapper = function (this: unknown, event: Event): unknown {
    const call = () => (typeof listener === 'function' ? listener.call(this, event) : listener.handleEvent(event))
    const interaction = interactionFor(event)
    return interaction ? runIn(interaction, call) : call()
  }
  wrapped.set(listener, wrapper)
  return wrapper
}

const isListener = (listener: unknown): listener is Listener =>
  typeof listener === 'function' || (typeof listener === 'object' && listener !== null)

let isEnabled = false
let isListening = false

/** The listeners stay wrapped, but start no interaction. */
export const pauseInteractions = (): void => {
  isEnabled = false
}

/** One root span per event, and every listener of the event runs in its context. */
export const traceInteractions = (): void => {
  isEnabled = true
  if (isListening) return
  isListening = true
  const { addEventListener, removeEventListener } = EventTarget.prototype
  EventTarget.prototype.addEventListener = function (type, listener, options) {
    const given = tracedEvents.has(type) && isListener(listener) ? wrap(listener) : listener
    return addEventListener.call(this, type, given, options)
  }
  EventTarget.prototype.removeEventListener = function (type, listener, options) {
    const given = tracedEvents.has(type) && isListener(listener) ? (wrapped.get(listener) ?? listener) : listener
    return removeEventListener.call(this, type, given, options)
  }
  plainListen('keyup', () => endGesture(gesture), true)
  linkScriptedEvents()
  linkHistoryMoves()
}

/** `form.requestSubmit()` after an await still belongs to the click. */
const linkScriptedEvents = (): void => {
  const link = <This extends object, Name extends keyof This>(prototype: This, name: Name): void => {
    const original = prototype[name] as (...args: unknown[]) => unknown
    prototype[name] = function (this: unknown, ...args: unknown[]) {
      const cause = running ?? liveInteraction()
      return cause ? runIn(cause, () => original.apply(this, args)) : original.apply(this, args)
    } as This[Name]
  }
  link(HTMLElement.prototype, 'click')
  link(HTMLFormElement.prototype, 'requestSubmit')
}

/** `history.back()` fires `popstate` in a later task. */
const linkHistoryMoves = (): void => {
  for (const name of ['back', 'forward', 'go'] as const) {
    const original = history[name]
    history[name] = function (this: History, ...args: []) {
      historyMove = liveInteraction()
      return original.apply(this, args)
    }
  }
}
