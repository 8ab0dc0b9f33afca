import { AsyncLocalStorage } from 'node:async_hooks'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { carryContext } from '../../compile/transform.ts'
import { install, uninstall } from '../callbacks.ts'
import { type Findings, judge, type Module } from './judge.ts'
import { randomProgram } from './random-program.ts'

const folder = mkdtempSync(join(tmpdir(), 'random-programs-'))
const frames = new URL('../current.ts', import.meta.url).href
let files = 0

export const load = (code: string): Promise<Module> => {
  const file = join(folder, `${++files}.mjs`)
  writeFileSync(file, code)
  return import(pathToFileURL(file).href)
}

export const compile = (code: string): string => carryContext(code, { from: frames })?.code ?? code

const asyncContext = new AsyncLocalStorage<string>()
const plainLater = setImmediate

/** Runs a random program in Node, with `AsyncLocalStorage` as the second opinion. */
export const runProgram = async (seed: number, change: (code: string) => string = compile): Promise<Findings> => {
  const { compiled, native, generators } = randomProgram(seed)
  const modules = await Promise.all([load(change(compiled)), load(native)])
  install()
  try {
    return await judge(modules, generators, { later: (fn) => setImmediate(fn), plainLater, asyncContext })
  } finally {
    uninstall()
  }
}
