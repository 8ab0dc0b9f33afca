import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'

type Methods = Record<string, (...args: never[]) => unknown>
type Create = (...args: never[]) => Methods | Promise<Methods>
type MethodsOf<Of extends Create> = Awaited<ReturnType<Of>>
type Call = { readonly id: number; readonly method: string; readonly args: never[] }
type Answer = { readonly id: number; readonly result?: unknown; readonly error?: string }

export type Remote<Of extends Create> = {
  readonly [Method in keyof MethodsOf<Of>]: (
    ...args: Parameters<MethodsOf<Of>[Method]>
  ) => Promise<Awaited<ReturnType<MethodsOf<Of>[Method]>>>
} & { stopProcess: () => Promise<void> }

/** Calls a function that `file` exports, in a process of its own. This process can call the methods that it returns. */
export const startProcess = async <Of extends Create>(
  file: string,
  create: string,
  ...args: readonly (string | number)[]
): Promise<Remote<Of>> => {
  const child: ChildProcess = fork(import.meta.filename, [file, create, ...args.map(String)], { execArgv: [] })
  await once(child, 'message')
  const waiting = new Map<number, (answer: Answer) => void>()
  let lastId = 0
  child.on('message', (answer: Answer) => {
    waiting.get(answer.id)?.(answer)
    waiting.delete(answer.id)
  })
  child.once('exit', () => {
    for (const [id, settle] of waiting) settle({ id, error: `the process of ${file} has ended` })
  })
  const call = (method: string, given: unknown[]) =>
    new Promise((resolve, reject) => {
      const id = ++lastId
      waiting.set(id, ({ result, error }) => (error === undefined ? resolve(result) : reject(new Error(error))))
      child.send({ id, method, args: given })
    })
  const stopProcess = async () => {
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
  }
  return new Proxy({ stopProcess } as Remote<Of>, {
    get: (target, method) => {
      if (method === 'stopProcess') return target.stopProcess
      // A promise has a method `then`. This is not a promise.
      return method === 'then' ? undefined : (...given: unknown[]) => call(String(method), given)
    },
  })
}

const answerParent = async ([file, create, ...args]: string[]): Promise<void> => {
  const methods: Methods = await (await import(`./${file}`))[create ?? ''](...args)
  process.on('message', async ({ id, method, args: given }: Call) => {
    try {
      process.send?.({ id, result: await methods[method]?.(...given) })
    } catch (error) {
      process.send?.({ id, error: String(error) })
    }
  })
  process.once('disconnect', () => process.exit(0))
  process.send?.('ready')
}

if (process.argv[1] === import.meta.filename) await answerParent(process.argv.slice(2))
