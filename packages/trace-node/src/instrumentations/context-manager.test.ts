import assert from 'node:assert/strict'
import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { test } from 'node:test'
import { context, createContextKey, ROOT_CONTEXT } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { RequestContextManager } from './context-manager.ts'

const key = createContextKey('of a request')
const of = ROOT_CONTEXT.setValue(key, 'this request')
const current = () => context.active().getValue(key)

const managers = [AsyncLocalStorageContextManager, RequestContextManager]
for (const Manager of managers) {
  const using = (work: () => void) => {
    context.disable()
    context.setGlobalContextManager(new Manager().enable())
    work()
    context.disable()
  }
  const named = (what: string) => `${Manager.name}: ${what}`
  const bound = () => {
    const request = new IncomingMessage(new Socket())
    return [context.bind(of, request), context.bind(of, new ServerResponse(request))] as const
  }

  test(named('listeners of a request and of an answer run in its context'), () =>
    using(() => {
      for (const emitter of bound()) {
        const seen: unknown[] = []
        const listener = (...args: unknown[]) => seen.push(current(), ...args)
        emitter.on('a', listener).addListener('a', listener).once('a', listener)
        emitter.prependListener('a', listener).prependOnceListener('a', listener)
        emitter.emit('a', 1)
        assert.deepEqual(seen, Array(5).fill(['this request', 1]).flat())
        emitter.emit('a', 1)
        assert.equal(seen.length, 16)
        assert.equal(emitter.listenerCount('a'), 3)
      }
    }),
  )

  test(named('a listener can be removed, also one that was to be called once'), () =>
    using(() => {
      for (const emitter of bound()) {
        const listener = () => assert.fail('it was removed')
        const other = () => {}
        emitter.on('a', listener).on('a', other).off('a', listener)
        emitter.once('a', listener).removeListener('a', listener)
        emitter.prependOnceListener('a', listener).off('a', listener)
        emitter.emit('a')
        assert.equal(emitter.listenerCount('a'), 1)
        emitter.once('b', listener).on('b', listener).removeAllListeners('b')
        emitter.emit('b')
      }
    }),
  )

  test(named('the first context stays, and other emitters keep theirs'), () =>
    using(() => {
      const [request] = bound()
      context.bind(ROOT_CONTEXT.setValue(key, 'another request'), request)
      request.on('a', () => assert.equal(current(), 'this request'))
      request.emit('a')
      const unbound = new IncomingMessage(new Socket())
      unbound.on('a', () => assert.equal(current(), undefined))
      unbound.emit('a')
    }),
  )
}
