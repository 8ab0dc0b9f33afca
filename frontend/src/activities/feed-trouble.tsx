import { ApiError, isApiError } from '../api/api-error.ts'
import { Trouble } from '../ui/trouble.tsx'

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

const troubleWords = (subject: string, error: Error): { title: string; sentence: string } => {
  if (isApiError(error, 'offline')) {
    return { title: 'You are offline', sentence: `${subject} comes back by itself when your connection does.` }
  }
  if (isApiError(error, 'unavailable')) {
    return {
      title: 'Storage is unavailable',
      sentence: 'Cruddur runs, but cannot reach its cruds just now. This page keeps asking.',
    }
  }
  if (isApiError(error, 'unreachable')) {
    return { title: 'Cruddur does not answer', sentence: 'The server could not be reached. This page keeps asking.' }
  }
  if (isApiError(error, 'too_many_requests')) {
    return { title: 'Too many questions', sentence: 'Give it a moment, then try again.' }
  }
  return { title: `${subject} did not come`, sentence: 'Something went wrong on our side, and it has been noted.' }
}
