import { install } from '@cruddur/trace-web/callbacks'
import { type Findings, judge, type Module } from '@cruddur/trace-web/testing/judge'

// This page is built without the plugin: the judge itself must not be compiled.
const { port1, port2 } = new MessageChannel()
const waiting: (() => void)[] = []
port1.onmessage = () => waiting.shift()?.()
const plainLater = (fn: () => void): void => {
  waiting.push(fn)
  port2.postMessage(0)
}

install()

const runProgram = async (seed: number, generators: string[]): Promise<Findings> => {
  const modules = ['compiled', 'native'].map((kind) => import(/* @vite-ignore */ `/program/${seed}/${kind}.js`))
  return judge((await Promise.all(modules)) as Module[], generators, { later: (fn) => setTimeout(fn), plainLater })
}

Object.assign(window, { runProgram })
