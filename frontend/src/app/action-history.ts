import type { Action } from '../telemetry/index.ts'

/** `userName`: the name of the user who was signed in when the answers came. */
export type PastAction = Action & { userName: string | null }

/** The dialog shows all of these. The column beside the page shows only the first few. */
const most = 8

/** An action that is reported again, with more answers, keeps its place. */
export const withAction = (list: readonly PastAction[], action: PastAction): readonly PastAction[] =>
  list.some(({ spanId }) => spanId === action.spanId)
    ? list.map((known) => (known.spanId === action.spanId ? action : known))
    : [action, ...list].slice(0, most)
