import { ApiError } from '../../api/api-error.ts'
import { troubleWords } from '../../api/trouble-words.ts'
import { Trouble } from '../../ui/trouble.tsx'

type Props = {
  /** What did not come: "The feed". */
  subject: string
  error: Error
  retry: () => void
  isTrying: boolean
  isStale?: boolean
}

export const FeedTrouble = ({ subject, error, retry, isTrying, isStale = false }: Props) => {
  const { title, sentence } = troubleWords(subject, error)
  return (
    <Trouble title={title} traceId={error instanceof ApiError ? error.traceId : null} retry={retry} isTrying={isTrying}>
      {sentence} {isStale && 'What you see below is from a moment ago.'}
    </Trouble>
  )
}
