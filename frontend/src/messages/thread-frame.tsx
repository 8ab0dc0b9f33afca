import type { Message } from '@cruddur/shared/messages'
import { type ReactNode, useMemo, useRef } from 'react'
import { Link } from 'react-router'
import { Avatar } from '../ui/avatar.tsx'
import { useCurrentUser } from '../ui/current-user.ts'
import { Icon } from '../ui/icons.tsx'
import { pageTitleId } from '../ui/page-title.ts'
import { Bubble, UnsentBubble } from './bubbles.tsx'
import { MessageComposer } from './message-composer.tsx'
import { stillUnsent, turns } from './thread-pages.ts'
import { useEndOfThread } from './use-end-of-thread.ts'
import { useUnsent } from './use-unsent.ts'

type Other = { handle: string; display_name: string }

/** The conversation's head, its messages, and where one writes. */
type Props = {
  /** Null until it is known. */
  other: Other | null
  place: string
  messages: readonly Message[]
  /** Above the messages: what is older, or what is wrong. */
  top?: ReactNode
  onSent: (sent: Message, move: (place: string) => void) => void
  onEndSeen?: ((isSeen: boolean) => void) | undefined
  isWritable: boolean
  children?: ReactNode
}

export const ThreadFrame = ({ other, place, messages, top, onSent, onEndSeen, isWritable, children }: Props) => {
  const { user } = useCurrentUser()
  const me = user?.handle ?? ''
  const { unsent, write, tryAgain, discard, move } = useUnsent(place, (sent) => onSent(sent, move))
  const said = useMemo(() => turns(messages), [messages])
  const onTheirWay = stillUnsent(unsent, messages, me)
  const newest = messages.at(-1)
  const heard = useHeard(newest, me)
  const last = onTheirWay.at(-1)?.key ?? newest?.uuid
  const isLastMine = onTheirWay.length > 0 || newest?.handle === me
  const { box, onScroll, isNewBelow, goToEnd } = useEndOfThread({ last, isLastMine, onEndSeen })

  return (
    <section className="thread" aria-labelledby={pageTitleId}>
      <header className="thread-head">
        <Link to="/messages" className="icon-button thread-back" data-trace="conversations" title="Conversations">
          <Icon name="back" />
          <span className="visually-hidden">Conversations</span>
        </Link>
        {other ? (
          <Link to={`/@${other.handle}`} className="line thread-who" data-trace="open profile">
            <Avatar handle={other.handle} size={40} />
            <div className="person-name">
              <h1 id={pageTitleId} dir="auto">
                {other.display_name}
              </h1>
              <span className="handle">@{other.handle}</span>
            </div>
          </Link>
        ) : (
          <h1 id={pageTitleId}>Conversation</h1>
        )}
      </header>
      <section
        className="thread-box"
        ref={box}
        onScroll={onScroll}
        data-scrolls
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls can be scrolled by the keyboard.
        tabIndex={0}
        aria-label="Messages"
      >
        {top}
        {children}
        <ol className="thread-list" aria-label="Messages, oldest first">
          {said.map((each) => (
            <Bubble key={each.message.uuid} said={each} isMine={each.message.handle === me} />
          ))}
          {onTheirWay.map((each) => (
            <UnsentBubble key={each.key} unsent={each} tryAgain={() => tryAgain(each)} discard={() => discard(each)} />
          ))}
        </ol>
      </section>
      <div className="thread-pill">
        {isNewBelow && (
          <button type="button" className="pill" data-trace="new message" onClick={goToEnd}>
            New message <span aria-hidden="true">↓</span>
          </button>
        )}
      </div>
      <p role="status" className="visually-hidden">
        {heard && `${heard.display_name}: ${heard.message}`}
      </p>
      {isWritable && other && <MessageComposer key={place} place={place} to={other.display_name} write={write} />}
    </section>
  )
}

/** What the other one says while one is here is said aloud; what stood there already is not. */
const useHeard = (newest: Message | undefined, me: string): Message | null => {
  const first = useRef<string | undefined>(undefined)
  first.current ??= newest?.uuid
  return newest && newest.uuid !== first.current && newest.handle !== me ? newest : null
}
