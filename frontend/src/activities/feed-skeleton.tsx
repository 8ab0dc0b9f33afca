const cards = ['first', 'second', 'third', 'fourth']

export const FeedSkeleton = ({ label = 'The feed is loading.' }: { label?: string }) => (
  <div className="feed" aria-busy="true">
    <p role="status" className="visually-hidden">
      {label}
    </p>
    {cards.map((card) => (
      <div key={card} className="card activity skeleton" aria-hidden="true">
        <div className="crud">
          <span className="bone bone-avatar" />
          <div className="crud-main">
            <span className="bone bone-name" />
            <span className="bone bone-line" />
            <span className="bone bone-foot" />
          </div>
        </div>
      </div>
    ))}
  </div>
)
