import '#context'
import { type PageOptions, setPageOptions } from './options.ts'
import { startTracer } from './tracer.ts'

const started = Symbol.for('@cruddur/trace-web')

export const startPage = (options: PageOptions): void => {
  if (started in globalThis) return
  Object.assign(globalThis, { [started]: true })
  try {
    setPageOptions(options)
    startTracer(options)
  } catch {
    // The page works without telemetry.
  }
}
