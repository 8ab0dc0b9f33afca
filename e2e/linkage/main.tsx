import { settle } from './pace.ts'
import './protections.ts'
import '../../frontend/src/telemetry/start.ts'
import './remove-protections.ts'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { type Action, onAction, pageSignals, setRoute, setUser } from '../../frontend/src/telemetry/index.ts'
import { Patterns } from './patterns.tsx'

type ZoneLike = { parent: ZoneLike | null }
declare const Zone: { current: ZoneLike } | undefined

const actions: (Action & { isLate: boolean })[] = []
onAction((action) => actions.push({ ...action, isLate: 'isLate' in window }))
setUser('user-1')
setRoute('/linkage')

const zoneDepth = (): number => {
  let depth = 0
  for (let zone = typeof Zone === 'undefined' ? null : Zone.current; zone; zone = zone.parent) depth += 1
  return depth
}

Object.assign(window, { linkage: { actions, pageSignals, zoneDepth, settle, clicks: 0, deepest: 0 } })

if (new URLSearchParams(location.search).has('slow-load')) {
  const image = new Image()
  image.src = '/api/slow-image'
}

const root = document.getElementById('root')
if (root)
  createRoot(root).render(
    <StrictMode>
      <Patterns />
    </StrictMode>,
  )
