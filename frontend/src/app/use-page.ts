import { useEffect, useLayoutEffect } from 'react'
import { useUnread } from '../notifications/use-unread.ts'
import { setRoute } from '../telemetry/index.ts'

type Page = {
  title: string
  /** The template that spans are grouped by, never a path with somebody's name in it. */
  route: string
}

export const usePage = ({ title, route }: Page): void => {
  const { notifications, messages } = useUnread()
  const unread = notifications + messages
  // Before any effect that fetches, so that the page's requests carry its route.
  useLayoutEffect(() => setRoute(route), [route])
  useEffect(() => {
    document.title = `${unread > 0 ? `(${unread}) ` : ''}${title} · Cruddur`
  }, [title, unread])
}
