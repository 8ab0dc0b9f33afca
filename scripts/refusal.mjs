/** An error that the operator can fix: print its message, without a stack. */
export class Refusal extends Error {
  name = 'Refusal'
}
