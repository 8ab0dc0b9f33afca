import type { Action } from '../telemetry/index.ts'

/** What stands beside the feed on a laptop's screen, with room for the chip below. */
const remembered = 8

/** More answers of an action that is known change it where it stands. */
export const withAction = (list: readonly Action[], action: Action): readonly Action[] =>
  list.some(({ spanId }) => spanId === action.spanId)
    ? list.map((known) => (known.spanId === action.spanId ? action : known))
    : [action, ...list].slice(0, remembered)
