import { ApiError } from '../api/api-error.ts'
import { troubleWords } from '../api/trouble-words.ts'
import { Reference } from '../ui/reference.tsx'
import { Trouble } from '../ui/trouble.tsx'

type Props = { subject: string; error: Error; retry: () => void; isTrying: boolean; isStale?: boolean }

export const MessagesTrouble = ({ subject, error, retry, isTrying, isStale = false }: Props) => {
  const { title, sentence } = troubleWords(subject, error)
  return (
    <Trouble title={title} traceId={error instanceof ApiError ? error.traceId : null} retry={retry} isTrying={isTrying}>
      {sentence} {isStale && 'What you see is from a moment ago.'}
    </Trouble>
  )
}

export const MoreTrouble = ({ error }: { error: Error }) => (
  <div role="alert" className="list-end-trouble">
    <p>More did not come: {error.message}</p>
    {error instanceof ApiError && error.traceId && <Reference traceId={error.traceId} />}
  </div>
)
