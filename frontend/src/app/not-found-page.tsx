import { Link } from 'react-router'
import { usePage } from './use-page.ts'

export const NotFoundPage = () => {
  usePage({ title: 'Not here', route: '*' })
  return (
    <section className="empty">
      <svg viewBox="0 0 120 120" width="120" height="120" aria-hidden="true">
        <circle className="empty-ring" cx="60" cy="60" r="42" />
        <circle className="empty-ember" cx="60" cy="18" r="6" />
      </svg>
      <h1>There is no such page</h1>
      <p>It may have expired, as everything here does; or the address has a slip in it.</p>
      <Link to="/" className="button" data-trace="go home">
        Go home
      </Link>
    </section>
  )
}
