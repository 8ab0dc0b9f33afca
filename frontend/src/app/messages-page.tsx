import type { ReactNode } from 'react'
import { useParams } from 'react-router'
import { GroupList } from '../messages/group-list.tsx'
import { NewThread } from '../messages/new-thread.tsx'
import { Thread } from '../messages/thread.tsx'
import { useActing } from '../ui/acting.ts'
import { NotFoundPage } from './not-found-page.tsx'
import { PageHead } from './page-head.tsx'
import { SignInFirst } from './sign-in-first.tsx'
import { usePage } from './use-page.ts'

export const MessagesPage = () => {
  usePage({ title: 'Messages', route: '/messages' })
  return (
    <>
      <PageHead title="Messages">Between you and one other person</PageHead>
      <ForSomebody>
        <GroupList />
      </ForSomebody>
    </>
  )
}

export const ThreadPage = () => {
  usePage({ title: 'Conversation', route: '/messages/:uuid' })
  const { uuid = '' } = useParams()
  return (
    <ForSomebody>
      <Thread key={uuid} uuid={uuid} />
    </ForSomebody>
  )
}

export const NewThreadPage = () => {
  const handle = useParams().handle?.replace(/^@/, '').toLowerCase() ?? ''
  return /^\w{1,30}$/.test(handle) ? <NewConversation handle={handle} /> : <NotFoundPage />
}

const NewConversation = ({ handle }: { handle: string }) => {
  usePage({ title: 'New conversation', route: '/messages/new/:handle' })
  return (
    <ForSomebody>
      <NewThread key={handle} handle={handle} />
    </ForSomebody>
  )
}

const ForSomebody = ({ children }: { children: ReactNode }) => {
  const { user, isKnown } = useActing()
  if (!isKnown || user) return children
  return (
    <SignInFirst title="Whose messages?">
      Sign in, and your conversations are here. Nobody else can read them.
    </SignInFirst>
  )
}
