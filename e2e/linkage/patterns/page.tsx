import { useEffect, useRef, useState } from 'react'
import { setRoute, withInteraction } from '../../../frontend/src/telemetry/index.ts'
import { pause, work } from '../work.ts'

type Probe = { linkage: { deepest: number; zoneDepth: () => number } }

const NoOp = () => (
  <button
    type="button"
    id="noop"
    onClick={() => {
      const probe = (window as unknown as Probe).linkage
      probe.deepest = Math.max(probe.deepest, probe.zoneDepth())
    }}
  >
    noop
  </button>
)

/** Asks again and again, for ever, because of one click. */
const Poller = ({ id, ms }: { id: string; ms: number }) => {
  const [on, setOn] = useState(false)
  useEffect(() => {
    if (!on) return
    const timer = setInterval(() => void work(id), ms)
    return () => clearInterval(timer)
  }, [on, id, ms])
  return (
    <button type="button" id={id} data-trace={id} onClick={() => setOn(!on)}>
      {id}
    </button>
  )
}

/** Was there before any click, so that no click may have it. */
const Background = () => {
  useEffect(() => {
    const timer = setInterval(() => void work('background'), 150)
    return () => clearInterval(timer)
  }, [])
  return null
}

const Scroller = () => {
  const scroller = useRef<HTMLDivElement>(null)
  const asked = useRef(false)
  const onScroll = () => {
    if (asked.current) return
    asked.current = true
    void withInteraction('scroll load more', async () => {
      await pause(5)
      await work('h3')
      asked.current = false
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
    <button type="button" id="error" data-trace="error" onClick={fail.error}>
      error
    </button>
    <button type="button" id="rejection" data-trace="rejection" onClick={() => void fail.rejection()}>
      rejection
    </button>
    <button type="button" id="abort" data-trace="abort" onClick={() => void abort()}>
      abort
    </button>
    <button type="button" id="missing" data-trace="missing" onClick={() => void fetch('/api/missing?q=secret')}>
      missing
    </button>
  </>
)

const abort = async (): Promise<void> => {
  const controller = new AbortController()
  setTimeout(() => controller.abort(), 10)
  await fetch('/api/jobs/slow', { signal: controller.signal }).catch(() => {})
}

/** Goes forth without a request, and back with one. */
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
      <button type="button" id="p1" data-trace="p1" onClick={() => history.back()}>
        p1
      </button>
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
