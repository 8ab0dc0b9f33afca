import type { ReactNode } from 'react'
import { useParams } from 'react-router'
import { GroupList } from '../messages/group-list.tsx'
import { NewThread } from '../messages/new-thread.tsx'
import { Thread } from '../messages/thread.tsx'
import { PageHeading, usePage } from './page.tsx'
import { NotFoundPage } from './pages.tsx'
import { handleIn } from './paths.ts'
import { SignedInOnly } from './signed-in-only.tsx'

export const MessagesPage = () => {
  usePage({ title: 'Messages', route: '/messages' })
  return (
    <>
      <PageHeading title="Messages">Private conversations between two people</PageHeading>
      <MessagesOnly>
        <GroupList />
      </MessagesOnly>
    </>
  )
}

export const ThreadPage = () => {
  usePage({ title: 'Conversation', route: '/messages/:uuid' })
  const { uuid = '' } = useParams()
  return (
    <MessagesOnly isWholePage>
      <Thread key={uuid} uuid={uuid} />
    </MessagesOnly>
  )
}

export const NewThreadPage = () => {
  const handle = handleIn(`@${useParams().handle?.replace(/^@/, '')}`)
  return handle ? <NewConversation handle={handle} /> : <NotFoundPage />
}

const NewConversation = ({ handle }: { handle: string }) => {
  usePage({ title: 'New conversation', route: '/messages/new/:handle' })
  return (
    <MessagesOnly isWholePage>
      <NewThread key={handle} handle={handle} />
    </MessagesOnly>
  )
}

const MessagesOnly = ({ isWholePage = false, children }: { isWholePage?: boolean; children: ReactNode }) => (
  <SignedInOnly
    title="Sign in to see your messages"
    invitation="Only you and the person you write to can read them."
    isWholePage={isWholePage}
  >
    {children}
  </SignedInOnly>
)
