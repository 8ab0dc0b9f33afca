import scheduler from 'scheduler'

// `?without=protections` takes away what the tracer adds to zone.js, to show that the matrix would notice.
type Restore = () => void

const restores: Restore[] = []

const keep = (target: object, name: string): void => {
  const original = Object.getOwnPropertyDescriptor(target, name)
  restores.push(() => {
    if (original) Object.defineProperty(target, name, original)
  })
}

if (new URLSearchParams(location.search).get('without') === 'protections') {
  keep(scheduler, 'unstable_scheduleCallback')
  keep(globalThis, 'requestIdleCallback')
  keep(MessagePort.prototype, 'onmessage')
  Object.defineProperty(globalThis, '__zone_symbol__DISABLE_WRAPPING_UNCAUGHT_PROMISE_REJECTION', {
    get: () => true,
    set: () => {},
  })
}

export const takeProtectionsOut = (): void => {
  for (const restore of restores) restore()
}
