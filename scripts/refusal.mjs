/** An error that the operator can fix: print its message, without a stack. */
export class Refusal extends Error {
  name = 'Refusal'
}

/** Prints one line for an error that the operator can fix, and a stack for any other. */
export function refuse(error) {
  const isFixable = error instanceof Refusal || error.code?.startsWith('ERR_PARSE_ARGS')
  process.stderr.write(`${isFixable ? error.message : error.stack}\n`)
  process.exitCode = 1
}
