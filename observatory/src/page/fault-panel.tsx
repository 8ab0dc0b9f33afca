import { useRef, useState } from 'react'
import { type Mode, type Modes, modes, type Vendor, vendorName, vendors } from '../trace/vendor.ts'
import { useLiveJson } from './live.ts'
import { useShortcuts } from './use-shortcuts.ts'

const meaning: Record<Mode, string> = {
  healthy: '',
  refuse: 'It resets every connection.',
  hang: 'It accepts requests and never answers.',
  drip: 'It answers one byte per second.',
  401: 'It rejects the key.',
  429: 'It says that there are too many requests, and when to retry.',
  500: 'It answers with an error.',
}

const noteOn = (vendor: Vendor, mode: Mode): string => {
  if (mode === 'healthy') return ''
  if (vendor === 'xray')
    return 'Segments are lost silently, because UDP has no answers. Requests for sampling rules fail.'
  const aws = vendor === 'cloudwatch' && (mode === '401' || mode === '429') ? ' AWS uses a 400 for this.' : ''
  return `${meaning[mode]}${aws} Nothing sent to it is stored.`
}

export const FaultPanel = () => {
  const loaded = useLiveJson<Modes>('/api/faults', null)
  const [failed, setFailed] = useState(false)
  const dialog = useRef<HTMLDialogElement>(null)
  const open = () => dialog.current?.showModal()
  useShortcuts({ f: open })

  const current = loaded.state === 'here' ? loaded.body : null
  const broken = current ? vendors.filter((vendor) => current[vendor] !== 'healthy') : []
  const change = (changed: Partial<Modes>) => {
    const request = { method: 'PUT', body: JSON.stringify(changed), headers: { 'content-type': 'application/json' } }
    void fetch('/api/faults', request).then(
      (answer) => setFailed(!answer.ok),
      () => setFailed(true),
    )
  }
  const summary = broken.map((vendor) => `${vendorName[vendor]}: ${current?.[vendor]}`).join(', ')

  return (
    <>
      <button
        type="button"
        className={summary ? 'icon-button is-broken' : 'icon-button'}
        aria-label={summary ? `Faults: ${summary}` : 'Faults'}
        title={summary || 'Break a vendor'}
        onClick={open}
      >
        <svg viewBox="0 0 24 24" aria-hidden="true">
          <path d="M12 4 2.8 20h18.4L12 4Zm0 6v5m0 2.5v.1" />
        </svg>
        {summary && <span>{broken.length} broken</span>}
      </button>
      <dialog ref={dialog} className="dialog" aria-labelledby="faults-title">
        <h2 id="faults-title">Faults</h2>
        <p>Break a vendor and watch the application keep working.</p>
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
        {failed && <p className="notice is-bad">The observatory did not accept the change.</p>}
        <form method="dialog">
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
