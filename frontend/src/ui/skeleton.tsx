import { Fragment } from 'react'

const shapes = {
  card: (
    <div className="card activity skeleton" aria-hidden="true">
      <div className="crud">
        <span className="bone bone-avatar" />
        <div className="crud-main">
          <span className="bone bone-name" />
          <span className="bone bone-line" />
          <span className="bone bone-foot" />
        </div>
      </div>
    </div>
  ),
  line: (
    <div className="line-bone" aria-hidden="true">
      <span className="bone bone-avatar" />
      <span>
        <span className="bone bone-name" />
        <span className="bone bone-line" />
      </span>
    </div>
  ),
  tag: <span className="bone trend-bone" aria-hidden="true" />,
}

type Props = { shape: keyof typeof shapes; count: number; label: string }

/** Stands where a list will be, and takes as much room. */
export const Skeleton = ({ shape, count, label }: Props) => (
  <div className={shape === 'card' ? 'feed' : undefined} aria-busy="true">
    <p role="status" className="visually-hidden">
      {label}
    </p>
    {Array.from({ length: count }, (_, index) => (
      // biome-ignore lint/suspicious/noArrayIndexKey: all the shapes are the same.
      <Fragment key={index}>{shapes[shape]}</Fragment>
    ))}
  </div>
)
