import scheduler from 'scheduler'

// `?without=protections` removes what carries the context through these, to prove that the matrix notices.
const restores: (() => void)[] = []

const remember = (target: object, name: string): void => {
  const original = Object.getOwnPropertyDescriptor(target, name)
  restores.push(() => {
    if (original) Object.defineProperty(target, name, original)
  })
}

if (new URLSearchParams(location.search).get('without') === 'protections') {
  remember(scheduler, 'unstable_scheduleCallback')
  remember(globalThis, 'requestIdleCallback')
  remember(MessagePort.prototype, 'onmessage')
  Object.defineProperty(globalThis, '__zone_symbol__DISABLE_WRAPPING_UNCAUGHT_PROMISE_REJECTION', {
    get: () => true,
    set: () => {},
  })
}

export const removeProtections = (): void => {
  for (const restore of restores) restore()
}
