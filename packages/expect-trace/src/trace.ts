import { AssertionError } from 'node:assert'
import type { Span } from '@cruddur/vendor-doubles/span'

export type { Span }
export type Trace = {
  readonly id: string
  readonly root: Span
  readonly spans: readonly Span[]
}

/** A span's name, or the fields that it must have. */
export type Step = string | RegExp | { readonly [Field in 'name' | 'service' | 'kind']?: string | RegExp }

const childrenOf = (spans: readonly Span[], parentSpanId: string | null): Span[] =>
  spans.filter((span) => span.parentSpanId === parentSpanId).sort((a, b) => a.startMs - b.startMs)

/** Draws spans as an indented tree of `service kind name`, in order of start. Orphans come last. */
export const drawTrace = (spans: readonly Span[]): string => {
  const ids = new Set(spans.map(({ spanId }) => spanId))
  const draw = (span: Span, depth: number): string[] => [
    `${'  '.repeat(depth)}${span.service} ${span.kind} ${span.name}${span.status === 'error' ? ' (error)' : ''}`,
    ...childrenOf(spans, span.spanId).flatMap((child) => draw(child, depth + 1)),
  ]
  const orphans = spans.filter(({ parentSpanId }) => parentSpanId !== null && !ids.has(parentSpanId))
  return [
    ...childrenOf(spans, null).flatMap((root) => draw(root, 0)),
    ...orphans.flatMap((orphan) => [`… parent ${orphan.parentSpanId} is missing`, ...draw(orphan, 1)]),
  ].join('\n')
}

/** Why these spans are not one whole trace. */
export const problemsOf = (spans: readonly Span[]): string[] => {
  const ids = new Set(spans.map(({ spanId }) => spanId))
  const roots = spans.filter(({ parentSpanId }) => parentSpanId === null)
  return [
    ...(ids.size === spans.length ? [] : ['a span arrived twice']),
    ...(roots.length === 1 ? [] : [`${roots.length} roots`]),
    ...spans
      .filter(({ parentSpanId }) => parentSpanId !== null && !ids.has(parentSpanId))
      .map(({ name }) => `the parent of “${name}” is missing`),
  ]
}

const fits = (value: string, wanted: string | RegExp | undefined): boolean =>
  wanted === undefined || (typeof wanted === 'string' ? value === wanted : wanted.test(value))

const isStep = (span: Span, step: Step): boolean =>
  typeof step === 'string' || step instanceof RegExp
    ? fits(span.name, step)
    : fits(span.name, step.name) && fits(span.service, step.service) && fits(span.kind, step.kind)

/** Checks that the trace has these spans, each below the one before it. Other spans may be in between. */
export const expectPath = ({ id, spans }: Pick<Trace, 'id' | 'spans'>, steps: readonly Step[]): void => {
  const goesOn = (below: readonly Span[], left: readonly Step[]): boolean => {
    const [step, ...rest] = left
    if (step === undefined) return true
    return below.some((span) => {
      const children = childrenOf(spans, span.spanId)
      return (isStep(span, step) && goesOn(children, rest)) || goesOn(children, left)
    })
  }
  if (goesOn(childrenOf(spans, null), steps)) return
  throw new AssertionError({
    message: `Trace ${id} has no path ${steps.map(wordsOf).join(' → ')}:\n${drawTrace(spans)}`,
    stackStartFn: expectPath,
  })
}

const wordsOf = (step: Step): string =>
  typeof step === 'string' || step instanceof RegExp
    ? `“${step}”`
    : Object.entries(step)
        .map(([field, wanted]) => `${field} ${wanted}`)
        .join(', ')
