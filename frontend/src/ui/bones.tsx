/** A list of people, groups or notifications that is on its way: as high as what comes. */
export const LineBones = ({ count, label }: { count: number; label: string }) => (
  <div className="line-bones" aria-busy="true">
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
