import type { ReactNode } from 'react'
import { useParams } from 'react-router'
import { GroupList } from '../messages/group-list.tsx'
import { NewThread } from '../messages/new-thread.tsx'
import { Thread } from '../messages/thread.tsx'
import { NotFoundPage } from './not-found-page.tsx'
import { PageHeading } from './page-heading.tsx'
import { SignedInOnly } from './signed-in-only.tsx'
import { usePage } from './use-page.ts'

export const MessagesPage = () => {
  usePage({ title: 'Messages', route: '/messages' })
  return (
    <>
      <PageHeading title="Messages">Between you and one other person</PageHeading>
      <ForOneself>
        <GroupList />
      </ForOneself>
    </>
  )
}

export const ThreadPage = () => {
  usePage({ title: 'Conversation', route: '/messages/:uuid' })
  const { uuid = '' } = useParams()
  return (
    <ForOneself isWholePage>
      <Thread key={uuid} uuid={uuid} />
    </ForOneself>
  )
}

export const NewThreadPage = () => {
  const handle = useParams().handle?.replace(/^@/, '').toLowerCase() ?? ''
  return /^\w{1,30}$/.test(handle) ? <NewConversation handle={handle} /> : <NotFoundPage />
}

const NewConversation = ({ handle }: { handle: string }) => {
  usePage({ title: 'New conversation', route: '/messages/new/:handle' })
  return (
    <ForOneself isWholePage>
      <NewThread key={handle} handle={handle} />
    </ForOneself>
  )
}

const ForOneself = ({ isWholePage = false, children }: { isWholePage?: boolean; children: ReactNode }) => (
  <SignedInOnly
    title="Whose messages?"
    invitation="Sign in, and your conversations are here. Nobody else can read them."
    isWholePage={isWholePage}
  >
    {children}
  </SignedInOnly>
)
