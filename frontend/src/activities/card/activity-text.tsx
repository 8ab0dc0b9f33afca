import { partsOf } from '@cruddur/shared/message-parts'
import { useMemo } from 'react'
import { LinkedText } from '../../ui/linked-text.tsx'

export const ActivityText = ({ message }: { message: string }) => {
  const parts = useMemo(() => partsOf(message), [message])
  return (
    <p className="crud-message" dir="auto">
      <LinkedText parts={parts} />
    </p>
  )
}
