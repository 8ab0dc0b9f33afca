import { useRef, useState } from 'react'
import { type Mode, type Modes, modes, type Vendor, vendorName, vendors } from '../trace/vendor.ts'
import { useLiveJson } from './use-live-json.ts'
import { useShortcuts } from './use-shortcuts.ts'

const does: Record<Mode, string> = {
  healthy: 'answers as it should',
  refuse: 'resets every connection',
  hang: 'takes every request and never answers',
  drip: 'answers one byte a second',
  401: 'says that the key is wrong',
  429: 'says that it is too much, and when to come back',
  500: 'says that it has failed',
}

const noteOn = (vendor: Vendor, mode: Mode): string => {
  if (mode === 'healthy') return ''
  const own =
    vendor === 'xray'
      ? ' Datagrams are lost; only its sampling rules can answer so.'
      : vendor === 'cloudwatch' && (mode === '401' || mode === '429')
        ? ' AWS has no such status: it is a 400 with the name of the error.'
        : ''
  return `It ${does[mode]}.${own} Nothing that is sent to it is taken.`
}

/** Lets each vendor play broken; says so in the masthead as long as one does. */
export const FaultPanel = () => {
  const loaded = useLiveJson<Modes>('/api/faults', null)
  const [failed, setFailed] = useState(false)
  const dialog = useRef<HTMLDialogElement>(null)
  const open = () => dialog.current?.showModal()
  useShortcuts({ f: open })

  const current = loaded.state === 'here' ? loaded.body : null
  const broken = current ? vendors.filter((vendor) => current[vendor] !== 'healthy') : []
  const change = (given: Partial<Modes>) => {
    const request = { method: 'PUT', body: JSON.stringify(given), headers: { 'content-type': 'application/json' } }
    void fetch('/api/faults', request).then(
      (answer) => setFailed(!answer.ok),
      () => setFailed(true),
    )
  }
  const words = broken.map((vendor) => `${vendorName[vendor]}: ${current?.[vendor]}`).join(', ')

  return (
    <>
      <button
        type="button"
        className={broken.length > 0 ? 'faults-button is-broken' : 'faults-button'}
        aria-label={broken.length > 0 ? `Faults: ${words}` : 'Faults'}
        title={words || 'Let a vendor play broken'}
        onClick={open}
      >
        <svg viewBox="0 0 24 24" aria-hidden="true">
          <path d="M12 4 2.8 20h18.4L12 4Zm0 6v5m0 2.5v.1" />
        </svg>
        {broken.length > 0 && (
          <>
            <span className="faults-words">{words}</span>
            <span className="faults-count">{broken.length} broken</span>
          </>
        )}
      </button>
      <dialog ref={dialog} className="help faults" aria-labelledby="faults-title">
        <h2 id="faults-title">Faults</h2>
        <p>Each of the four can play broken, to see what the application does about it.</p>
        {vendors.map((vendor) => {
          const mode = current?.[vendor] ?? 'healthy'
          return (
            <div key={vendor} className={mode === 'healthy' ? 'fault' : 'fault is-broken'}>
              <label>
                <span>{vendorName[vendor]}</span>
                <select
                  value={mode}
                  disabled={!current}
                  onChange={(event) => change({ [vendor]: event.currentTarget.value as Mode })}
                >
                  {modes.map((one) => (
                    <option key={one} value={one}>
                      {one.charAt(0).toUpperCase() + one.slice(1)}
                    </option>
                  ))}
                </select>
              </label>
              <p>{noteOn(vendor, mode)}</p>
            </div>
          )
        })}
        {failed && <p className="notice is-bad">The observatory did not take that.</p>}
        <form method="dialog" className="faults-end">
          <button
            type="button"
            className="button"
            disabled={broken.length === 0}
            onClick={() => change(Object.fromEntries(vendors.map((vendor) => [vendor, 'healthy'])))}
          >
            All healthy
          </button>
          <button type="submit" className="button">
            Close
          </button>
        </form>
      </dialog>
    </>
  )
}
