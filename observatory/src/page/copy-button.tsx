import { useEffect, useState } from 'react'

type Props = { text: string; label: string; showsLabel?: boolean }

export const CopyButton = ({ text, label, showsLabel = false }: Props) => {
  const [outcome, setOutcome] = useState<'copied' | 'not copied' | null>(null)

  useEffect(() => {
    if (!outcome) return
    const timer = setTimeout(() => setOutcome(null), 1600)
    return () => clearTimeout(timer)
  }, [outcome])

  const copy = () =>
    navigator.clipboard.writeText(text).then(
      () => setOutcome('copied'),
      () => setOutcome('not copied'),
    )

  return (
    <button type="button" className={showsLabel ? 'button' : 'copy'} onClick={() => void copy()}>
      <svg viewBox="0 0 24 24" aria-hidden="true">
        <path d={outcome === 'copied' ? 'm5 13 4 4L19 7' : 'M9 9h10v11H9zM15 9V4H5v11h4'} />
      </svg>
      <span className={showsLabel ? 'button-text' : 'unseen'}>
        {showsLabel && outcome === 'copied' ? 'Copied' : label}
      </span>
      <span className="unseen" role="status">
        {outcome ?? ''}
      </span>
    </button>
  )
}
