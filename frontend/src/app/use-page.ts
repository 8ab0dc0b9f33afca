import { useLayoutEffect } from 'react'
import { setRoute } from '../telemetry/index.ts'

/** `route` is the template that spans are grouped by, never a path with somebody's name in it. */
export const usePage = ({ title, route }: { title: string; route: string }): void => {
  // Before any effect that fetches, so that the page's requests carry its route.
  useLayoutEffect(() => {
    document.title = `${title} · Cruddur`
    setRoute(route)
  }, [title, route])
}
