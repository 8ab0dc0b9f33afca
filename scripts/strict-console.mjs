import { inspect } from 'node:util'
import { isTestFile } from './is-test-file.mjs'

// Loaded before a test file: an unexpected console.error or console.warn fails the file.
// A process that the test forks inherits this import, and may print anything.
const strays = []

if (isTestFile) {
  for (const method of ['error', 'warn']) {
    console[method] = (...values) => {
      const text = values.map((value) => (typeof value === 'string' ? value : inspect(value))).join(' ')
      const { stack } = new Error()
      strays.push(`console.${method}: ${text}\n${stack.split('\n').slice(2, 5).join('\n')}`)
    }
  }
  process.on('exit', () => {
    if (strays.length === 0) return
    process.stderr.write(`A test must expect the errors and warnings that it causes:\n${strays.join('\n')}\n`)
    process.exitCode ||= 1
  })
}
