import { unzonedTimeout } from './before-zone.ts'
import { Interaction } from './interaction.ts'
import { adoptByPage } from './live-context.ts'
import { currentRoute } from './page-attributes.ts'

const begin = (type: 'load' | 'restore', name: string, startTime: number): Interaction => {
  const page = new Interaction(type, name, startTime)
  page.hold()
  adoptByPage(page)
  return page
}

const whenLoaded = (run: () => void): void => {
  if (document.readyState === 'complete') unzonedTimeout(run, 0)
  else addEventListener('load', () => unzonedTimeout(run, 0))
}

/** The load lasts until the window has loaded, and waits for what is loaded after that to write on it. */
export const traceLoad = (afterLoad: (load: Interaction) => Promise<unknown>): void => {
  const load = begin('load', 'load', 0)
  whenLoaded(() => {
    const loadedAt = performance.now()
    afterLoad(load)
      .catch(() => {})
      .finally(() => load.release(loadedAt))
  })
}

/** A page that comes back from the back/forward cache is seen again without a load. */
export const traceRestores = (): void => {
  addEventListener(
    'pageshow',
    ({ persisted, timeStamp }) => {
      if (!persisted) return
      const restore = begin('restore', `restore ${currentRoute() ?? ''}`.trim(), timeStamp)
      // Two frames later it has been painted.
      requestAnimationFrame(() => requestAnimationFrame(() => restore.release()))
    },
    // Before the vitals of the return are told.
    true,
  )
}
