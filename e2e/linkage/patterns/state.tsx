import {
  lazy,
  Suspense,
  startTransition,
  use,
  useDeferredValue,
  useEffect,
  useOptimistic,
  useRef,
  useState,
  useSyncExternalStore,
  useTransition,
} from 'react'
import { pause, work } from '../work.ts'
import { Button } from './button.tsx'

/** Sends one request for every value above zero. */
const Effect = ({ id, value }: { id: string; value: number }) => {
  useEffect(() => {
    if (value > 0) void work(id)
  }, [id, value])
  return null
}

const C = () => {
  const [value, setValue] = useState(0)
  return (
    <>
      <Button id="c" onClick={() => setValue(value + 1)} />
      <Effect id="c" value={value} />
    </>
  )
}

const Lazy = lazy(() => import('./lazy-panel.tsx').then(({ LazyPanel }) => ({ default: LazyPanel })))
const C2 = () => {
  const [value, setValue] = useState(0)
  return (
    <>
      <Button id="c2" onClick={() => setValue(value + 1)} />
      <Suspense fallback={null}>{value > 0 && <Lazy value={value} />}</Suspense>
    </>
  )
}

const Reading = ({ promise }: { promise: Promise<unknown> }) => <span>{String(Boolean(use(promise)))}</span>
const C3 = () => {
  const [promise, setPromise] = useState<Promise<unknown>>()
  return (
    <>
      <Button id="c3" onClick={() => setPromise(work('c3'))} />
      <Suspense fallback={null}>{promise && <Reading promise={promise} />}</Suspense>
    </>
  )
}

const D1 = () => {
  const [, start] = useTransition()
  return (
    <Button
      id="d1"
      onClick={() =>
        start(async () => {
          await work('d1')
        })
      }
    />
  )
}

const D2 = () => (
  <Button
    id="d2"
    onClick={() =>
      startTransition(async () => {
        await pause(5)
        await work('d2')
      })
    }
  />
)

const D3 = () => {
  const [value, setValue] = useState(0)
  return (
    <>
      <Button id="d3" onClick={() => startTransition(() => setValue(value + 1))} />
      <Effect id="d3" value={value} />
    </>
  )
}

const takeSlice = (): void => {
  const end = performance.now() + 8
  while (performance.now() < end);
}

const Slow = () => {
  takeSlice()
  return null
}

/** The drawings that go on until the other click has updated its state, however late that click comes. */
const unfinished = new Map<string, number>()

const Waiting = ({ isUnfinished }: { isUnfinished: () => boolean }) => {
  if (isUnfinished()) takeSlice()
  return null
}

const list = (length: number): number[] => Array.from({ length }, (_, number) => number)
const most = list(1_000)
const pieces = list(40)

const Pieces = ({ id, drawing }: { id: string; drawing: number }) =>
  drawing > 0 && (
    <>
      {most.map((piece) => (
        <Waiting key={piece} isUnfinished={() => unfinished.get(id) === drawing} />
      ))}
      {pieces.map((piece) => (
        <Slow key={piece} />
      ))}
    </>
  )

/** Sends a request and, after its answer, another one, while React renders the work of another click in slices. */
const Meanwhile = ({ id, update }: { id: string; update: (set: () => void) => void }) => {
  const [drawing, setDrawing] = useState(0)
  const [value, setValue] = useState(0)
  const requestTwice = async () => {
    await work(id)
    update(() => setValue(value + 1))
    unfinished.delete(id)
  }
  const draw = () => {
    unfinished.set(id, drawing + 1)
    setDrawing(drawing + 1)
  }
  return (
    <>
      <Button id={`${id}-before`} onClick={draw} />
      <Pieces id={id} drawing={useDeferredValue(drawing)} />
      <Button id={id} onClick={requestTwice} />
      <Effect id={id} value={value} />
    </>
  )
}

const H4 = () => {
  const [value, setValue] = useState(0)
  return (
    <>
      <Button id="h4" onClick={() => setValue(value + 1)} />
      {value > 0 && <Sentinel key={value} onSeen={() => void work('h4')} />}
    </>
  )
}

const Sentinel = ({ onSeen }: { onSeen: () => void }) => {
  const element = useRef<HTMLSpanElement>(null)
  const seen = useRef(false)
  useEffect(() => {
    const observer = new IntersectionObserver(([entry]) => {
      if (!entry?.isIntersecting || seen.current) return
      seen.current = true
      onSeen()
    })
    if (element.current) observer.observe(element.current)
    return () => observer.disconnect()
  }, [onSeen])
  return <span ref={element}>sentinel</span>
}

const listeners = new Set<() => void>()
let stored = 0
const subscribe = (listener: () => void) => {
  listeners.add(listener)
  return () => listeners.delete(listener)
}
const H11 = () => {
  const value = useSyncExternalStore(subscribe, () => stored)
  const increase = () => {
    stored += 1
    for (const listener of listeners) listener()
  }
  return (
    <>
      <Button id="h11" onClick={increase} />
      <Effect id="h11" value={value} />
    </>
  )
}

const I1 = () => {
  const [liked, setLiked] = useState(false)
  const [shown, show] = useOptimistic(liked)
  const like = () =>
    startTransition(async () => {
      show(!liked)
      await work('i1')
      startTransition(() => setLiked(!liked))
    })
  return (
    <>
      <Button id="i1" onClick={like} />
      <span>{String(shown)}</span>
    </>
  )
}

export const state = (
  <>
    <C />
    <C2 />
    <C3 />
    <D1 />
    <D2 />
    <D3 />
    <Meanwhile id="d4" update={startTransition} />
    <Meanwhile id="n4" update={(set) => set()} />
    <H4 />
    <H11 />
    <I1 />
  </>
)
