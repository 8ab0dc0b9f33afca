import { useEffect, useRef, useState } from 'react'
import { setRoute, withInteraction } from '../../../frontend/src/telemetry/index.ts'
import { pause, work } from '../work.ts'
import { Button } from './button.tsx'

type Probe = { linkage: { clicks: number; deepest: number; zoneDepth: () => number } }

const NoOp = () => (
  <button
    type="button"
    id="noop"
    onClick={() => {
      const probe = (window as unknown as Probe).linkage
      probe.clicks += 1
      probe.deepest = Math.max(probe.deepest, probe.zoneDepth())
    }}
  >
    noop
  </button>
)

/** One click starts requests that never stop. */
const Poller = ({ id, ms }: { id: string; ms: number }) => {
  const [on, setOn] = useState(false)
  useEffect(() => {
    if (!on) return
    const timer = setInterval(() => void work(id), ms)
    return () => clearInterval(timer)
  }, [on, id, ms])
  return <Button id={id} onClick={() => setOn(!on)} />
}

/** Started before any click, so it must not belong to a click. */
const Background = () => {
  useEffect(() => {
    const timer = setInterval(() => void work('background'), 150)
    return () => clearInterval(timer)
  }, [])
  return null
}

const Scroller = () => {
  const scroller = useRef<HTMLDivElement>(null)
  const isLoading = useRef(false)
  const onScroll = () => {
    if (isLoading.current) return
    isLoading.current = true
    void withInteraction('scroll load more', async () => {
      await pause(5)
      await work('h3')
      isLoading.current = false
    })
  }
  return (
    <div id="h3" ref={scroller} onScroll={onScroll} style={{ height: 40, overflow: 'auto' }}>
      <div style={{ height: 4000 }}>h3</div>
    </div>
  )
}

const fail = {
  error: () => {
    throw new RangeError('thrown at https://example.test/page?token=secret')
  },
  rejection: async () => {
    await pause(5)
    throw new RangeError('rejected')
  },
}

const Failures = () => (
  <>
    <Button id="error" onClick={fail.error} />
    <Button id="rejection" onClick={fail.rejection} />
    <Button id="abort" onClick={abort} />
    <Button id="missing" onClick={() => fetch('/api/missing?q=secret')} />
  </>
)

const abort = async (): Promise<void> => {
  const controller = new AbortController()
  setTimeout(() => controller.abort(), 10)
  await fetch('/api/jobs/slow', { signal: controller.signal }).catch(() => {})
}

/** Goes forward without a request, and back with one. */
const History = () => {
  useEffect(() => {
    const onPopState = () => {
      setRoute('/linkage')
      void work('p1')
    }
    addEventListener('popstate', onPopState)
    return () => removeEventListener('popstate', onPopState)
  }, [])
  const go = () => {
    history.pushState(null, '', '/elsewhere')
    setRoute('/elsewhere')
  }
  return (
    <>
      <button type="button" id="forth" onClick={go}>
        forth
      </button>
      <Button id="p1" onClick={() => history.back()} />
    </>
  )
}

const FirstPaint = () => {
  useEffect(() => {
    void work('first-paint')
  }, [])
  return null
}

const parameters = new URLSearchParams(location.search)

export const page = (
  <>
    <NoOp />
    <Poller id="fast-poller" ms={250} />
    <Poller id="slow-poller" ms={900} />
    <Scroller />
    <Failures />
    <History />
    <FirstPaint />
    {parameters.has('background') && <Background />}
  </>
)
