import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { Refusal } from './refusal.mjs'

const repository = resolve(import.meta.dirname, '..')
const leaveWithParent = pathToFileURL(join(import.meta.dirname, 'leave-with-parent.mjs')).href
const keptLineCount = 15
const readyWithinMs = 30_000

/**
 * One process of the product. `onLine` gets each line that it prints. If it ends before `stop()`, `onDeath` gets a
 * sentence and its last lines.
 */
export class Service {
  #child
  #stopping = false
  #lastLines = []

  constructor({ name, folder, args, url, environment, stopWithinMs = 5_000, onLine, onDeath }) {
    Object.assign(this, { name, folder, args, url, environment, stopWithinMs, onLine, onDeath })
  }

  start() {
    this.#stopping = false
    this.#lastLines = []
    const child = spawn(process.execPath, ['--import', leaveWithParent, ...this.args], {
      cwd: join(repository, this.folder),
      env: this.environment,
      // A process group of its own: Ctrl-C reaches only `npm start`, which stops the processes in order.
      // On Windows it would open a console window.
      detached: process.platform !== 'win32',
      windowsHide: true,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    })
    this.#child = child
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        this.#lastLines = [...this.#lastLines, line].slice(-keptLineCount)
        this.onLine(this.name, line)
      })
    }
    child.once('error', (error) => this.onDeath(`The ${this.name} could not be started: ${error.message}`))
    child.once('close', (code, signal) => {
      if (this.#stopping || child !== this.#child) return
      const how = signal ? `was killed by ${signal}` : `ended with code ${code}`
      this.onDeath(`The ${this.name} ${how}.`, this.#lastLines.map((line) => `\n  ${line}`).join(''))
    })
  }

  /** Resolves when it answers, and `isReady(response)` is true. */
  async waitUntilReady(isReady = async () => true) {
    const until = Date.now() + readyWithinMs
    while (!this.#stopping && Date.now() < until) {
      try {
        const response = await fetch(this.url, { signal: AbortSignal.timeout(2_000), redirect: 'manual' })
        if (await isReady(response, until - Date.now())) return
        await response.body?.cancel()
      } catch {
        // Not listening yet.
      }
      await delay(30)
    }
    if (!this.#stopping)
      throw new Refusal(
        `The ${this.name} did not answer at ${this.url} within ${readyWithinMs / 1_000} s. Its last output:\n${this.#lastLines.join('\n')}`,
      )
  }

  async stop() {
    this.#stopping = true
    const child = this.#child
    if (!child || hasEnded(child)) return
    child.kill('SIGTERM')
    const deadline = setTimeout(() => this.kill(), this.stopWithinMs)
    await once(child, 'exit')
    clearTimeout(deadline)
    this.#signalGroup()
  }

  kill() {
    this.#stopping = true
    this.#signalGroup()
  }

  async restart() {
    await this.stop()
    this.start()
  }

  #signalGroup() {
    if (!this.#child?.pid) return
    try {
      process.kill(-this.#child.pid, 'SIGKILL')
    } catch {
      this.#child.kill('SIGKILL')
    }
  }
}

const hasEnded = (child) => child.exitCode !== null || child.signalCode !== null
