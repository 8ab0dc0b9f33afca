import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import { after, before, test } from 'node:test'
import { type Context, context, createContextKey, ROOT_CONTEXT } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { emitIn, emptyContext } from './context.ts'

before(() => void context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable()))
after(() => context.disable())

const keys = ['a', 'b', 'c'].map((name) => createContextKey(`context.test ${name}`))
const valuesOf = (of: Context) => keys.map((key) => of.getValue(key))

test('holds the same values as a context of the API, and never changes', () => {
  let state = 1
  const random = (below: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
  const known: [Context, Context][] = [[emptyContext, ROOT_CONTEXT]]
  const seen: unknown[][] = [valuesOf(ROOT_CONTEXT)]
  for (let step = 0; step < 500; step++) {
    const [own, stock] = known[random(known.length)] as [Context, Context]
    const key = keys[random(keys.length)] as symbol
    const next: [Context, Context] =
      random(4) === 0
        ? [own.deleteValue(key), stock.deleteValue(key)]
        : [own.setValue(key, step), stock.setValue(key, step)]
    known.push(next)
    seen.push(valuesOf(next[1]))
  }
  assert.deepEqual(
    known.map(([own]) => valuesOf(own)),
    seen,
  )
})

test('runs all listeners of an emitter in the context, but not a removed one', () => {
  const own = emptyContext.setValue(keys[0] as symbol, 'own')
  const other = emptyContext.setValue(keys[0] as symbol, 'other')
  const emitter = new EventEmitter()
  const seen: unknown[] = []
  const look = () => seen.push(context.active().getValue(keys[0] as symbol))
  const removed = () => seen.push('removed')
  emitIn(own, emitter)
  emitter.once('event', look).on('event', removed).on('event', look).off('event', removed)
  assert.equal(
    context.with(other, () => emitter.emit('event')),
    true,
  )
  assert.equal(emitter.emit('event'), true)
  assert.equal(emitter.emit('unknown'), false)
  assert.deepEqual(seen, ['own', 'own', 'own'])
})
