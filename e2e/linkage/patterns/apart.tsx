import { useEffect, useRef, useState } from 'react'
import { withInteraction } from '../../../frontend/src/telemetry/index.ts'
import { pause, work } from '../work.ts'

const Press = ({ id, onPress }: { id: string; onPress: () => void }) => (
  <button type="button" id={id} data-trace={id} onClick={onPress}>
    {id}
  </button>
)

/** Longer than an action without work lasts. */
const restMs = 900

/** A click shows a list of pages; its observer, made by that click, asks for the next page when somebody scrolls. */
const Pages = ({ id, most, explicit }: { id: string; most: number; explicit: boolean }) => {
  const [isShown, setShown] = useState(false)
  const [pages, setPages] = useState(0)
  const end = useRef<HTMLDivElement>(null)

  useEffect(() => {
    if (!isShown || !end.current || pages >= most) return
    const observer = new IntersectionObserver(
      ([entry]) => {
        if (!entry?.isIntersecting) return
        observer.disconnect()
        const next = async () => {
          await work(id)
          setPages(pages + 1)
        }
        void (explicit ? withInteraction('scroll load more', next) : next())
      },
      { root: end.current.parentElement },
    )
    observer.observe(end.current)
    return () => observer.disconnect()
  }, [id, isShown, pages, most, explicit])

  return (
    <>
      <Press id={`${id}-show`} onPress={() => setShown(true)} />
      <div id={id} style={{ height: 40, overflow: 'auto' }}>
        {isShown && (
          <>
            <div style={{ height: 400 }}>{id}</div>
            <div ref={end}>end</div>
          </>
        )}
      </div>
    </>
  )
}

/** A click mounts something that listens to another tab. */
const Listener = ({ id }: { id: string }) => {
  const [isOn, setOn] = useState(false)
  useEffect(() => {
    if (!isOn) return
    const channel = new BroadcastChannel(id)
    channel.addEventListener('message', () => void work(id))
    return () => channel.close()
  }, [id, isOn])
  return <Press id={id} onPress={() => setOn(true)} />
}

/** A click mounts something; an effect of it asks when the page has changed later. */
const LateEffect = ({ id }: { id: string }) => {
  const [at, setAt] = useState(0)
  useEffect(() => {
    if (at > 0) void work(id)
  }, [id, at])
  return (
    <Press
      id={id}
      onPress={() => {
        setTimeout(() => setAt(Date.now()), restMs)
      }}
    />
  )
}

const block = (ms: number): void => {
  const until = performance.now() + ms
  while (performance.now() < until);
}

export const apart = (
  <>
    <Press id="u1" onPress={() => void setTimeout(() => void work('u1'), restMs)} />
    <Press id="u2" onPress={() => void pause(restMs).then(() => work('u2'))} />
    <LateEffect id="u3" />
    <Pages id="u4" most={1} explicit={false} />
    <Pages id="u5" most={1} explicit />
    <Pages id="u6" most={3} explicit />
    <Listener id="u7" />
    <Press id="u8" onPress={() => void withInteraction('outbox send waiting', () => work('u8'))} />
    <Press id="too-long" onPress={() => void work('too-long')} />
    <Press id="slow-nothing" onPress={() => block(320)} />
    <Press
      id="slow-fetch"
      onPress={() => {
        block(320)
        void work('slow-fetch')
      }}
    />
    <Press id="idle" onPress={() => {}} />
  </>
)
