import { HomeFeed } from '../activities/home-feed.tsx'
import { LikesProvider } from '../activities/likes.tsx'
import { serverNow } from '../api/server-clock.ts'
import { useActor } from '../session/actor.tsx'
import { usePage } from './use-page.ts'

export const HomePage = () => {
  usePage({ title: 'Home', route: '/' })
  const { asSomebody, asSomebodyElse } = useActor()
  return (
    <>
      <header className="page-head">
        <h1>Home</h1>
        <p>Everyone’s cruds, for as long as they live</p>
      </header>
      <LikesProvider ask={{ asSomebody, asSomebodyElse }}>
        <HomeFeed now={serverNow} />
      </LikesProvider>
    </>
  )
}
