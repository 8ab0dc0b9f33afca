import type { EventEmitter } from 'node:events'
import { type Context, context } from '@opentelemetry/api'

/** The API's own contexts copy a map and make three functions for each value that is set. */
class FlatContext implements Context {
  readonly #keys: readonly symbol[]
  readonly #values: readonly unknown[]

  constructor(keys: readonly symbol[], values: readonly unknown[]) {
    this.#keys = keys
    this.#values = values
  }

  getValue(key: symbol): unknown {
    const at = this.#keys.indexOf(key)
    return at < 0 ? undefined : this.#values[at]
  }

  setValue(key: symbol, value: unknown): FlatContext {
    const at = this.#keys.indexOf(key)
    if (at < 0) return new FlatContext([...this.#keys, key], [...this.#values, value])
    return new FlatContext(this.#keys, this.#values.with(at, value))
  }

  deleteValue(key: symbol): FlatContext {
    const isOther = (_: unknown, at: number) => this.#keys[at] !== key
    return new FlatContext(this.#keys.filter(isOther), this.#values.filter(isOther))
  }
}

/** Like `ROOT_CONTEXT`. */
export const emptyContext: Context = new FlatContext([], [])

/**
 * Runs every listener in this context. `context.bind` would replace seven methods of the emitter, and wrap each listener
 * that is added.
 */
export const emitIn = (own: Context, emitter: EventEmitter): void => {
  const { emit } = emitter
  emitter.emit = function (...args) {
    return context.with(own, () => emit.apply(this, args))
  }
}
