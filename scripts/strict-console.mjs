import { inspect } from 'node:util'
import { isTestFile } from './is-test-file.mjs'

// Loaded before a test file: what says console.error or console.warn there, and is not expected to, fails the file.
// A process that the test forks inherits this import, and may say what it likes.
const strays = []

if (isTestFile) {
  for (const method of ['error', 'warn']) {
    console[method] = (...values) => {
      const words = values.map((value) => (typeof value === 'string' ? value : inspect(value))).join(' ')
      const { stack } = new Error()
      strays.push(`console.${method}: ${words}\n${stack.split('\n').slice(2, 5).join('\n')}`)
    }
  }
  process.on('exit', () => {
    if (strays.length === 0) return
    process.stderr.write(`A test must expect what it makes the code complain about:\n${strays.join('\n')}\n`)
    process.exitCode ||= 1
  })
}
