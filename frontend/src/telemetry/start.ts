import './before-zone.ts'
import '@opentelemetry/context-zone'
import { startTracer } from './tracer.ts'

const started = Symbol.for('cruddur.telemetry')

if (!(started in globalThis)) {
  Object.assign(globalThis, { [started]: true })
  try {
    startTracer()
  } catch {
    // The page works without telemetry.
  }
}
