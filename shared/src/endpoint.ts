import type * as z from 'zod/mini'
import { once } from './once.ts'

export type Method = 'GET' | 'POST' | 'DELETE'

/**
 * One operation of the API. `input` is a single flat object: fields named in the path come from the path,
 * the rest from the query string (GET, DELETE) or the JSON body (POST).
 */
export type Endpoint<Input extends z.ZodMiniObject = z.ZodMiniObject, Output extends z.ZodMiniType = z.ZodMiniType> = {
  readonly method: Method
  readonly path: `/api/${string}` | '/rollbar/test'
  readonly summary: string
  readonly input: Input
  readonly output: Output
  /** A retry with the same `Idempotency-Key` header does nothing and gets the first answer. */
  readonly isIdempotent?: boolean
}

export type InputOf<E extends Endpoint> = z.infer<E['input']>
/** The input that a caller gives. Fields with a default are optional. */
export type GivenTo<E extends Endpoint> = z.input<E['input']>
export type OutputOf<E extends Endpoint> = z.infer<E['output']>

export const idempotencyHeader = 'Idempotency-Key'

type Definition<Input extends z.ZodMiniObject, Output extends z.ZodMiniType> = Omit<
  Endpoint<Input, Output>,
  'input'
> & {
  /** A function, because a schema takes time to build and the page never validates inputs. */
  readonly input: () => Input
}

export const endpoint = <Input extends z.ZodMiniObject, Output extends z.ZodMiniType>({
  input,
  ...rest
}: Definition<Input, Output>): Endpoint<Input, Output> => {
  const made = once(input)
  return {
    ...rest,
    get input() {
      return made()
    },
  }
}

/** `/api/activities/:uuid/like` → `['uuid']` */
export const pathParameters = (path: string): string[] =>
  [...path.matchAll(/:([a-z_]+)/g)].map((match) => match[1] as string)

/** Fills the parameters of the path, and returns the rest of the input. */
export const fillPath = (
  path: string,
  input: Record<string, unknown>,
): { path: string; rest: Record<string, unknown> } => {
  const rest = { ...input }
  const filled = path.replace(/:([a-z_]+)/g, (_, name: string) => {
    const value = rest[name]
    delete rest[name]
    return encodeURIComponent(String(value))
  })
  return { path: filled, rest }
}
