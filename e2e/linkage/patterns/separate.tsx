import { useEffect, useRef, useState } from 'react'
import { withInteraction } from '../../../frontend/src/telemetry/index.ts'
import { pause, work } from '../work.ts'
import { Button } from './button.tsx'

/** Longer than an action without work lasts. */
const afterEndMs = 900

/** A click shows a list. Its observer, created by that click, loads the next page when the user scrolls. */
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
      <Button id={`${id}-show`} onClick={() => setShown(true)} />
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

/** A click mounts a listener for another tab. */
const Listener = ({ id }: { id: string }) => {
  const [isOn, setOn] = useState(false)
  useEffect(() => {
    if (!isOn) return
    const channel = new BroadcastChannel(id)
    channel.addEventListener('message', () => void work(id))
    return () => channel.close()
  }, [id, isOn])
  return <Button id={id} onClick={() => setOn(true)} />
}

/** A later state change runs an effect that sends a request. */
const LateEffect = ({ id }: { id: string }) => {
  const [at, setAt] = useState(0)
  useEffect(() => {
    if (at > 0) void work(id)
  }, [id, at])
  return (
    <Button
      id={id}
      onClick={() => {
        setTimeout(() => setAt(Date.now()), afterEndMs)
      }}
    />
  )
}

const block = (ms: number): void => {
  const until = performance.now() + ms
  while (performance.now() < until);
}

export const separate = (
  <>
    <Button id="u1" onClick={() => void setTimeout(() => void work('u1'), afterEndMs)} />
    <Button id="u2" onClick={() => void pause(afterEndMs).then(() => work('u2'))} />
    <LateEffect id="u3" />
    <Pages id="u4" most={1} explicit={false} />
    <Pages id="u5" most={1} explicit />
    <Pages id="u6" most={3} explicit />
    <Listener id="u7" />
    <Button id="u8" onClick={() => void withInteraction('outbox send waiting', () => work('u8'))} />
    <Button id="too-long" onClick={() => void work('too-long')} />
    <Button id="slow-nothing" onClick={() => block(320)} />
    <Button
      id="slow-fetch"
      onClick={() => {
        block(320)
        void work('slow-fetch')
      }}
    />
    <Button id="idle" onClick={() => {}} />
  </>
)
