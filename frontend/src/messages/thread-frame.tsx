import type { Message } from '@cruddur/shared/messages'
import { type ReactNode, useMemo, useRef } from 'react'
import { Link } from 'react-router'
import { Avatar } from '../ui/avatar.tsx'
import { useCurrentUser } from '../ui/current-user.ts'
import { Icon } from '../ui/icons.tsx'
import { pageTitleId } from '../ui/page-title.ts'
import { useUnsentAt } from '../writing/outbox-provider.tsx'
import { Bubble, UnsentBubble } from './bubbles.tsx'
import { MessageComposer } from './message-composer.tsx'
import { inTurns, notArrived } from './thread-pages.ts'
import { useEndOfThread } from './use-end-of-thread.ts'

type Props = {
  /** The other person. Null until the conversation is loaded. */
  other: { handle: string; display_name: string } | null
  messages: readonly Message[]
  /** Above the messages. */
  top?: ReactNode
  onEndSeen?: (isSeen: boolean) => void
  children?: ReactNode
}

/** A conversation: its heading, its messages and its composer. */
export const ThreadFrame = ({ other, messages, top, onEndSeen, children }: Props) => {
  const me = useCurrentUser().user?.handle ?? ''
  const unsent = notArrived(useUnsentAt(`message:${other?.handle ?? ''}`), messages, me)
  const turns = useMemo(() => inTurns(messages), [messages])
  const newest = messages.at(-1)
  const heard = useHeard(newest, me)
  const last = unsent.at(-1)?.key ?? newest?.uuid
  const isLastMine = unsent.length > 0 || newest?.handle === me
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
        // biome-ignore lint/a11y/noNoninteractiveTabindex: the keyboard scrolls only the element that has the focus.
        tabIndex={0}
        aria-label="Messages"
      >
        {top}
        {children}
        <ol className="thread-list" aria-label="Messages, oldest first">
          {turns.map((turn) => (
            <Bubble key={turn.message.uuid} turn={turn} isMine={turn.message.handle === me} />
          ))}
          {unsent.map((one) => (
            <UnsentBubble key={one.key} unsent={one} />
          ))}
        </ol>
      </section>
      <div className="thread-pill">
        {isNewBelow && (
          <button type="button" className="button pill" data-trace="new message" onClick={goToEnd}>
            New message <span aria-hidden="true">↓</span>
          </button>
        )}
      </div>
      <p role="status" className="visually-hidden">
        {heard && `${heard.display_name}: ${heard.message}`}
      </p>
      {other && <MessageComposer key={other.handle} other={other} />}
    </section>
  )
}

/** Announces messages that arrive, but not those that were there before. */
const useHeard = (newest: Message | undefined, me: string): Message | null => {
  const first = useRef<string | undefined>(undefined)
  first.current ??= newest?.uuid
  return newest && newest.uuid !== first.current && newest.handle !== me ? newest : null
}
