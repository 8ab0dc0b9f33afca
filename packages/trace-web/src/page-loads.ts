import { plainTimeout } from './context/outside.ts'
import { Interaction } from './interaction.ts'
import { currentRoute } from './page-attributes.ts'

let page: Interaction | undefined
/** The latest load of the page, or its return from the back/forward cache: it adopts work that belongs to no interaction. */
export const currentPage = (): Interaction | undefined => page

const begin = (type: 'load' | 'restore', name: string, startTime: number): Interaction => {
  page = new Interaction(type, name, startTime)
  page.hold()
  return page
}

const whenLoaded = (run: () => void): void => {
  if (document.readyState === 'complete') plainTimeout(run, 0)
  else addEventListener('load', () => plainTimeout(run, 0))
}

/** The load lasts until the window has loaded. Its span stays open until the late part of telemetry can write on it. */
export const traceLoad = (afterLoad: (load: Interaction) => Promise<unknown>): void => {
  const load = begin('load', 'load', 0)
  whenLoaded(() => {
    const loadedAt = performance.now()
    afterLoad(load)
      .catch(() => {})
      .finally(() => load.release(loadedAt))
  })
}

/** A page that returns from the back/forward cache has no load event. */
export const traceRestores = (): void => {
  addEventListener(
    'pageshow',
    ({ persisted, timeStamp }) => {
      if (!persisted) return
      const restore = begin('restore', `restore ${currentRoute() ?? ''}`.trim(), timeStamp)
      // After two frames it is painted.
      requestAnimationFrame(() => requestAnimationFrame(() => restore.release()))
    },
    // In the capture phase, before the web vitals of the return are reported.
    true,
  )
}
