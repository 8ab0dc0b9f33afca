import type { FetchSplit } from '../trace/network.ts'
import { duration } from './format.ts'

/** The fetch's time laid out flat: what went over the wire is hatched, what the page and the server did is solid. */
export const NetworkSplit = ({ split }: { split: FetchSplit }) => {
  const figures: [string, number | null, string][] = [
    ['Before the request was sent', split.beforeMs, 'is-page'],
    ['Network', split.networkMs, 'is-network'],
    ['of which connecting', split.connectMs, 'is-within'],
    ['of which downloading', split.downloadMs, 'is-within'],
    ['Server', split.serverMs, 'is-server'],
    ['The whole request', split.totalMs, 'is-sum'],
  ]
  return (
    <section>
      <h3>Where the time went</h3>
      <div className="bar is-split is-large" data-colour="browser" aria-hidden="true">
        {split.parts.map((part) => (
          <span
            key={part.what}
            className={`part is-${part.what}`}
            style={{
              left: `${(part.fromMs / split.totalMs) * 100}%`,
              width: `${((part.toMs - part.fromMs) / split.totalMs) * 100}%`,
            }}
          />
        ))}
      </div>
      <dl className="shares">
        {figures.map(
          ([name, ms, key]) =>
            ms !== null && (
              <div key={name} className={key === 'is-sum' ? 'is-sum' : ''}>
                <dt>
                  <span className={`key ${key}`} aria-hidden="true" />
                  {name}
                </dt>
                <dd>{duration(ms)}</dd>
              </div>
            ),
        )}
      </dl>
    </section>
  )
}
