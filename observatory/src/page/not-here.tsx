import { useEffect } from 'react'
import { BackLink } from './back-link.tsx'

export const NotHere = ({ path }: { path: string }) => {
  useEffect(() => {
    document.title = 'Not here · Observatory'
  }, [])
  return (
    <main className="page">
      <BackLink />
      <section className="empty">
        <h1>Nothing is here</h1>
        <p>A trace has its address under /traces, with its whole id.</p>
        <code>{path}</code>
      </section>
    </main>
  )
}
