import { type Context, context, ROOT_CONTEXT } from '@opentelemetry/api'
import scheduler, { type FrameCallbackType } from 'scheduler'
import { type Interaction, interactionOf } from './interaction.ts'

const { unstable_scheduleCallback: schedule, unstable_cancelCallback: cancel } = scheduler
type Task = ReturnType<typeof schedule>

/**
 * React’s scheduler runs all tasks in one loop on a MessagePort, so the loop has no context. Each task keeps the context
 * in which it was scheduled, through all the slices in which React runs it.
 */
export const carryThroughReactScheduler = (): void => {
  const waiting = new WeakMap<Task, Interaction>()
  const endTask = (task: Task): void => {
    const interaction = waiting.get(task)
    waiting.delete(task)
    interaction?.taskEnded()
  }

  const scheduleCallback: typeof schedule = (priority, run, options) => {
    const active = context.active()
    if (active === ROOT_CONTEXT) return schedule(priority, run, options)
    const task = schedule(
      priority,
      keepContext(run, active, () => endTask(task)),
      options,
    )
    const interaction = interactionOf(active)
    interaction?.taskStarted()
    if (interaction) waiting.set(task, interaction)
    return task
  }
  const cancelCallback: typeof cancel = (task) => {
    cancel(task)
    endTask(task)
  }
  Object.assign(scheduler, { unstable_scheduleCallback: scheduleCallback, unstable_cancelCallback: cancelCallback })
}

const keepContext =
  (run: FrameCallbackType, active: Context, onEnd: () => void): FrameCallbackType =>
  (didTimeout) => {
    let rest: ReturnType<FrameCallbackType> | undefined
    try {
      rest = context.with(active, () => run(didTimeout))
    } finally {
      if (!rest) onEnd()
    }
    return rest ? keepContext(rest, active, onEnd) : undefined
  }
