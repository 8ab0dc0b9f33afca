import { browserAttr, eventName, scriptAttr } from '@cruddur/shared/telemetry'
import { unzonedTimeout } from './before-zone.ts'
import { Interaction } from './interaction.ts'
import { nameOfTarget } from './interaction-name.ts'
import { actionBegunAt } from './interactions.ts'
import { withoutQuery } from './url-template.ts'

/** What INP calls good. */
const slowMs = 200
/** The browser rounds these durations to it. */
const grainMs = 8
/** The frame of an event is told a moment after the event, or before it. */
const frameWaitMs = 100
const mostFrames = 10
const mostScripts = 5

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

/** An action that made the user wait is a trace, also when it asked for nothing, with what took so long. */
export const traceSlowInteractions = (): void => {
  const frames: LongFrame[] = []
  observe<LongFrame>({ type: 'long-animation-frame' }, (entries) => {
    frames.push(...entries)
    frames.splice(0, frames.length - mostFrames)
  })
  observe<SlowEvent>({ type: 'event', durationThreshold: slowMs }, (entries) => {
    const slow = entries.filter(({ interactionId, duration }) => interactionId > 0 && duration >= slowMs)
    unzonedTimeout(() => {
      for (const id of new Set(slow.map(({ interactionId }) => interactionId)))
        tell(
          slow.filter(({ interactionId }) => interactionId === id),
          frames,
        )
    }, frameWaitMs)
  })
}

const observe = <Entry>(
  options: PerformanceObserverInit & { durationThreshold?: number },
  hear: (entries: Entry[]) => void,
): void => {
  if (!PerformanceObserver.supportedEntryTypes.includes(options.type ?? '')) return
  new PerformanceObserver((list) => hear(list.getEntries() as Entry[])).observe(options)
}

/** One press is several events, such as `pointerup` and `click`: those that were painted together are measured together. */
const tell = (events: SlowEvent[], frames: readonly LongFrame[]): void => {
  const longest = events.reduce((one, other) => (other.duration > one.duration ? other : one))
  const event = events.find(({ startTime }) => actionBegunAt(startTime)) ?? longest
  const action = actionBegunAt(event.startTime) ?? actionOf(event)

  const together = events.filter((other) => Math.abs(endOf(other) - endOf(event)) <= grainMs)
  const begun = Math.min(...together.map(({ processingStart }) => processingStart))
  const done = Math.max(...together.map(({ processingEnd }) => processingEnd))
  const painted = Math.max(endOf(event), done)
  action.span.setAttributes({
    [browserAttr.inputDelayMs]: Math.max(0, begun - event.startTime),
    [browserAttr.processingMs]: done - Math.max(begun, event.startTime),
    [browserAttr.presentationMs]: painted - done,
  })
  for (const script of scriptsBetween(event.startTime, painted, frames))
    action.addEvent(eventName.script, attributesOf(script), script.startTime)
  action.keepUntil(painted)
}

/** A press that is no click has begun no action. */
const actionOf = ({ name, target, startTime }: SlowEvent): Interaction =>
  new Interaction(name, target instanceof Element ? `${name} ${nameOfTarget(target, 'click')}` : name, startTime)

const scriptsBetween = (from: number, to: number, frames: readonly LongFrame[]): Script[] =>
  frames
    .flatMap(({ scripts }) => scripts)
    .filter((script) => script.startTime >= from && endOf(script) <= to)
    .sort((a, b) => b.duration - a.duration)
    .slice(0, mostScripts)

const attributesOf = (script: Script) => ({
  [scriptAttr.url]: withoutQuery(script.sourceURL),
  [scriptAttr.function]: script.sourceFunctionName,
  [scriptAttr.position]: script.sourceCharPosition,
  // Such as `BUTTON#id.onclick`, or `IMG[src=…].onload` with an address.
  [scriptAttr.invoker]: script.invoker.replace(/[?][^\s"'\])]*/g, ''),
  [scriptAttr.durationMs]: script.duration,
  [scriptAttr.forcedLayoutMs]: script.forcedStyleAndLayoutDuration,
})
