/** Stands in for a list that is loading, at the same height. */
export const SkeletonLines = ({ count, label }: { count: number; label: string }) => (
  <div aria-busy="true">
    <p role="status" className="visually-hidden">
      {label}
    </p>
    {Array.from({ length: count }, (_, line) => line).map((line) => (
      <div key={line} className="line-bone" aria-hidden="true">
        <span className="bone bone-avatar" />
        <span>
          <span className="bone bone-name" />
          <span className="bone bone-line" />
        </span>
      </div>
    ))}
  </div>
)
