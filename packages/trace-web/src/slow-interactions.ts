import { browserAttr, eventName, scriptAttr } from '@cruddur/wire/names'
import { plainTimeout } from './context/outside.ts'
import { Interaction } from './interaction.ts'
import { nameOfTarget } from './interaction-name.ts'
import { interactionStartedAt } from './interactions.ts'
import { withoutQuery } from './url-template.ts'

/** Up to this limit, INP is rated "good". */
const slowMs = 200
/** The browser rounds event durations to this. */
const resolutionMs = 8
/** The long frame of an event may be reported shortly after the event. */
const frameWaitMs = 100
const maxFrames = 10
const maxScripts = 5

type Script = PerformanceEntry & {
  invoker: string
  invokerType: string
  sourceURL: string
  sourceFunctionName: string
  sourceCharPosition: number
  forcedStyleAndLayoutDuration: number
}
type LongFrame = PerformanceEntry & { scripts: readonly Script[] }
type SlowEvent = PerformanceEventTiming & { interactionId: number }

const endOf = ({ startTime, duration }: PerformanceEntry): number => startTime + duration

/** An action that made the user wait becomes a trace, even without requests, with the scripts that took the time. */
export const traceSlowInteractions = (): void => {
  const frames: LongFrame[] = []
  observe<LongFrame>({ type: 'long-animation-frame' }, (entries) => {
    frames.push(...entries)
    frames.splice(0, frames.length - maxFrames)
  })
  observe<SlowEvent>({ type: 'event', durationThreshold: slowMs }, (entries) => {
    const slow = entries.filter(({ interactionId, duration }) => interactionId > 0 && duration >= slowMs)
    plainTimeout(() => {
      for (const id of new Set(slow.map(({ interactionId }) => interactionId)))
        record(
          slow.filter(({ interactionId }) => interactionId === id),
          frames,
        )
    }, frameWaitMs)
  })
}

const observe = <Entry>(
  options: PerformanceObserverInit & { durationThreshold?: number },
  onEntries: (entries: Entry[]) => void,
): void => {
  if (!PerformanceObserver.supportedEntryTypes.includes(options.type ?? '')) return
  new PerformanceObserver((list) => onEntries(list.getEntries() as Entry[])).observe(options)
}

/** One press is several events, such as `pointerup` and `click`: events painted together are measured together. */
const record = (events: SlowEvent[], frames: readonly LongFrame[]): void => {
  const longest = events.reduce((one, other) => (other.duration > one.duration ? other : one))
  const event = events.find(({ startTime }) => interactionStartedAt(startTime)) ?? longest
  const interaction = interactionStartedAt(event.startTime) ?? newInteraction(event)

  const together = events.filter((other) => Math.abs(endOf(other) - endOf(event)) <= resolutionMs)
  const startedAt = Math.min(...together.map(({ processingStart }) => processingStart))
  const doneAt = Math.max(...together.map(({ processingEnd }) => processingEnd))
  const paintedAt = Math.max(endOf(event), doneAt)
  interaction.span.setAttributes({
    [browserAttr.inputDelayMs]: Math.max(0, startedAt - event.startTime),
    [browserAttr.processingMs]: doneAt - Math.max(startedAt, event.startTime),
    [browserAttr.presentationMs]: paintedAt - doneAt,
  })
  for (const script of scriptsBetween(event.startTime, paintedAt, frames))
    interaction.addEvent(eventName.script, attributesOf(script), script.startTime)
  interaction.keepUntil(paintedAt)
}

/** A press without a click has not started an interaction yet. */
const newInteraction = ({ name, target, startTime }: SlowEvent): Interaction =>
  new Interaction(name, target instanceof Element ? `${name} ${nameOfTarget(target, 'click')}` : name, startTime)

const scriptsBetween = (from: number, to: number, frames: readonly LongFrame[]): Script[] =>
  frames
    .flatMap(({ scripts }) => scripts)
    .filter((script) => script.startTime >= from && endOf(script) <= to)
    .sort((a, b) => b.duration - a.duration)
    .slice(0, maxScripts)

const attributesOf = (script: Script) => ({
  [scriptAttr.url]: withoutQuery(script.sourceURL),
  [scriptAttr.function]: script.sourceFunctionName,
  [scriptAttr.position]: script.sourceCharPosition,
  // `BUTTON#id.onclick`, or `IMG[src=…].onload` with an address and its query.
  [scriptAttr.invoker]: script.invoker.replace(/[?][^\s"'\])]*/g, ''),
  [scriptAttr.durationMs]: script.duration,
  [scriptAttr.forcedLayoutMs]: script.forcedStyleAndLayoutDuration,
})
