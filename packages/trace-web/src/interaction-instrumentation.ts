import type { TracerProvider } from '@opentelemetry/api'
import type { Instrumentation, InstrumentationConfig } from '@opentelemetry/instrumentation'
import { interactionScope, makeInteractionsWith } from './interaction.ts'
import { pauseInteractions, traceInteractions } from './interactions.ts'

/** For `registerInstrumentations`: makes a root span for each action of the user. */
export class InteractionInstrumentation implements Instrumentation {
  readonly instrumentationName = interactionScope
  readonly instrumentationVersion = '1.0.0'
  #config: InstrumentationConfig

  constructor(config: InstrumentationConfig = {}) {
    this.#config = { enabled: true, ...config }
    if (this.#config.enabled) this.enable()
  }

  enable(): void {
    traceInteractions()
  }

  disable(): void {
    pauseInteractions()
  }

  setTracerProvider(provider: TracerProvider): void {
    makeInteractionsWith(provider)
  }

  setMeterProvider(): void {}

  setConfig(config: InstrumentationConfig): void {
    this.#config = config
  }

  getConfig(): InstrumentationConfig {
    return this.#config
  }
}
