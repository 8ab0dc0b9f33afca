import { type FormEvent, useActionState, useEffect, useRef, useState } from 'react'
import { pause, work } from '../work.ts'

const E1 = () => (
  <form
    action={async () => {
      await work('e1')
    }}
  >
    <button type="submit" id="e1" data-trace="e1">
      e1
    </button>
  </form>
)

const E2 = () => {
  const [count, act] = useActionState(async (before: number) => {
    await pause(5)
    await work('e2')
    return before + 1
  }, 0)
  return (
    <form action={act}>
      <button type="submit" id="e2" data-trace="e2">
        e2 {count}
      </button>
    </form>
  )
}

const E3 = () => (
  <form>
    <button
      type="submit"
      id="e3"
      data-trace="e3"
      formAction={async () => {
        await work('e3')
        await work('e3')
      }}
    >
      e3
    </button>
  </form>
)

const onSubmit = (id: string) => async (event: FormEvent) => {
  event.preventDefault()
  await pause(5)
  await work(id)
}

const E4 = () => (
  <form onSubmit={onSubmit('e4')}>
    <button type="submit" id="e4" data-trace="e4">
      e4
    </button>
  </form>
)

const E5 = () => (
  <form onSubmit={onSubmit('e5')} data-trace="e5">
    <input id="e5" name="e5" />
    <button type="submit" id="e5-button">
      e5
    </button>
  </form>
)

/** A form without a button: only the Enter key submits it. */
const E6 = () => (
  <form onSubmit={onSubmit('e6')} data-trace="e6">
    <input id="e6" name="e6" />
  </form>
)

const E7 = () => {
  const form = useRef<HTMLFormElement>(null)
  const submitLater = async () => {
    await pause(5)
    form.current?.requestSubmit()
  }
  return (
    <form ref={form} onSubmit={onSubmit('e7')}>
      <button type="button" id="e7" data-trace="e7" onClick={() => void submitLater()}>
        e7
      </button>
    </form>
  )
}

const H10 = () => {
  const [text, setText] = useState('')
  useEffect(() => {
    if (text === '') return
    const timer = setTimeout(() => void work('h10'), 300)
    return () => clearTimeout(timer)
  }, [text])
  return <input id="h10" data-trace="h10" value={text} onChange={({ target }) => setText(target.value)} />
}

const X1 = () => (
  <select id="x1" data-trace="x1" onChange={() => void work('x1')}>
    <option>one</option>
    <option>two</option>
    <option>three</option>
    <option>four</option>
    <option>five</option>
  </select>
)

export const forms = (
  <>
    <E1 />
    <E2 />
    <E3 />
    <E4 />
    <E5 />
    <E6 />
    <E7 />
    <H10 />
    <X1 />
  </>
)
