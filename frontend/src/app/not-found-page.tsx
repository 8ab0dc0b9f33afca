import { Link } from 'react-router'
import { Empty } from '../ui/empty.tsx'
import { usePage } from './use-page.ts'

export const NotFoundPage = () => {
  usePage({ title: 'Not here', route: '*' })
  return (
    <Empty
      title="There is no such page"
      isWholePage
      action={
        <Link to="/" className="button" data-trace="go home">
          Go home
        </Link>
      }
    >
      It may have expired, as everything here does; or the address has a slip in it.
    </Empty>
  )
}
