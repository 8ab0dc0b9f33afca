/** Something the person at the terminal can put right: its message is the one line to print, without a stack. */
export class Refusal extends Error {
  name = 'Refusal'
}
