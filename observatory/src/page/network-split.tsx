import type { FetchSplit } from '../trace/network.ts'
import { duration } from './format.ts'

/** The fetch's time laid out flat: what went over the wire is hatched, what the server did is solid. */
export const NetworkSplit = ({ split }: { split: FetchSplit }) => {
  const before = split.parts.find((part) => part.what === 'connect')
  const figures: [string, number | null, string][] = [
    ['Network', split.networkMs, 'is-network'],
    ['Server', split.serverMs, 'is-server'],
    ['Before the request was sent', before ? before.toMs - before.fromMs : null, 'is-connect'],
    ['of which connecting', split.connectMs, ''],
    ['Waiting for the first byte', split.waitMs, ''],
    ['Downloading', split.downloadMs, ''],
  ]
  return (
    <section>
      <h3>Network and server</h3>
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
              <div key={name}>
                <dt>
                  {key && <span className={`key ${key}`} aria-hidden="true" />}
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
