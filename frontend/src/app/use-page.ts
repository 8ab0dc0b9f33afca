import { useLayoutEffect } from 'react'
import { setRoute } from '../telemetry/index.ts'

type Page = {
  title: string
  /** The template that spans are grouped by, never a path with somebody's name in it. */
  route: string
}

export const usePage = ({ title, route }: Page): void => {
  // Before any effect that fetches, so that the page's requests carry its route.
  useLayoutEffect(() => {
    document.title = `${title} · Cruddur`
    setRoute(route)
  }, [title, route])
}
