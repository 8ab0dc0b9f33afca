import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'

type Verbs = Record<string, (...words: never[]) => unknown>

/** What a process started by `startProcess` does, when it is asked to. */
export const answerParent = (verbs: Verbs): void => {
  process.on('message', async ({ id, verb, words }: { id: number; verb: string; words: never[] }) => {
    try {
      process.send?.({ id, result: await verbs[verb]?.(...words) })
    } catch (error) {
      process.send?.({ id, error: String(error) })
    }
  })
  process.once('disconnect', () => process.exit(0))
  process.send?.('ready')
}

type Answer = { readonly id: number; readonly result?: unknown; readonly error?: string }
type Remote<Of extends Verbs> = {
  readonly [Verb in keyof Of]: (...words: Parameters<Of[Verb]>) => Promise<Awaited<ReturnType<Of[Verb]>>>
}

/** A process of our own whose verbs can be called as if they were here. */
export const startProcess = async <Of extends Verbs>(
  file: string,
  args: readonly string[] = [],
): Promise<Remote<Of> & { stop: () => Promise<void> }> => {
  const child: ChildProcess = fork(`${import.meta.dirname}/${file}`, args, { execArgv: [] })
  await once(child, 'message')
  const waiting = new Map<number, (answer: Answer) => void>()
  let lastId = 0
  child.on('message', (answer: Answer) => {
    waiting.get(answer.id)?.(answer)
    waiting.delete(answer.id)
  })
  child.once('exit', () => {
    for (const [id, tell] of waiting) tell({ id, error: `${file} has ended` })
  })
  const ask = (verb: string, words: readonly unknown[]) =>
    new Promise((resolve, reject) => {
      const id = ++lastId
      waiting.set(id, ({ result, error }) => (error === undefined ? resolve(result) : reject(new Error(error))))
      child.send({ id, verb, words })
    })
  const stop = async () => {
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
  }
  return new Proxy({ stop } as Remote<Of> & { stop: () => Promise<void> }, {
    get: (target, verb) =>
      verb === 'then' || verb in target ? target[verb as 'stop'] : (...words: unknown[]) => ask(String(verb), words),
  })
}
