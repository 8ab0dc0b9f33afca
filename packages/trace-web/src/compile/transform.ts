import MagicString, { type SourceMap } from 'magic-string'
import { type ESTree, parseSync, Visitor } from 'rolldown/utils'

/** Where compiled code imports its frames from. The bundler's plugin resolves it. */
export const framesId = 'virtual:trace-web/frames'

type Options = {
  /** The ending of its name says which language the code is. */
  file?: string
  /** Where to import the frames from if no plugin resolves `framesId`. */
  from?: string
}

/**
 * Gives native `await` its context back: `await x` becomes `resume(frame, await leave(frame, x))`, and everything else
 * that suspends an async function changes in the same way. Returns null if there is nothing to change.
 */
export const carryContext = (
  code: string,
  { file = 'module.js', from = framesId }: Options = {},
): { code: string; map: SourceMap } | null => {
  if (!/\basync\b/.test(code) || code.includes(from)) return null
  const { program, errors } = parseSync(file, code, { preserveParens: true })
  const error = errors.find(({ severity }) => severity === 'Error')
  if (error) throw new SyntaxError(`${file}: ${error.message}`)

  let prefix = 'page$'
  while (code.includes(prefix)) prefix = `_${prefix}`
  const edits = editsOf(program, code, prefix)
  if (edits.length === 0) return null

  const output = new MagicString(code)
  for (const { at, end, text } of edits) {
    if (end === undefined) output.appendLeft(at, text)
    else output.update(at, end, text)
  }
  const used = names.filter((name) => edits.some(({ text }) => text.includes(`${prefix}${name}(`)))
  const namesWith = (as: string): string => used.map((name) => `${name}${as}${prefix}${name}`).join(', ')
  // At the end, because directives must stay first, and an import is hoisted.
  if (!isCommonJs(file)) output.append(`\nimport { ${namesWith(' as ')} } from '${from}';\n`)
  else output.appendLeft(startOfStatements(program), `;const { ${namesWith(': ')} } = require('${from}');`)
  return { code: output.toString(), map: output.generateMap({ source: file, includeContent: true, hires: 'boundary' }) }
}

/** A bundler accepts an import next to CommonJS in `.js`, but not in `.cjs`. */
export const isCommonJs = (file: string): boolean => /\.cjs$/.test(file)

const names = ['enter', 'leave', 'resume', 'reenter', 'fail', 'iterate', 'guard'] as const

type Fn = ESTree.Function | ESTree.ArrowFunctionExpression
type Edit = { readonly at: number; readonly end?: number; readonly text: string }

/** A function, and the places where it may be suspended. */
type Scope = {
  readonly fn: Fn | null
  readonly suspendsAt: number[]
  readonly functionNames: readonly string[]
  isLeftAlone: boolean
}

/** The edits in the order in which the code is read, so those at one place stand in the right order too. */
const editsOf = (program: ESTree.Program, code: string, prefix: string): Edit[] => {
  const frame = `${prefix}frame`
  const call = (name: (typeof names)[number]): string => `${prefix}${name}(${frame}`
  /** Only a generator may continue in the middle of its consumer's work. */
  const back = ({ fn }: Scope): string => call(fn?.generator ? 'reenter' : 'resume')

  const edits: { scope: Scope; at: number; end: number | undefined; text: () => string }[] = []
  const scopes: Scope[] = [{ fn: null, suspendsAt: [], functionNames: [], isLeftAlone: true }]
  const scope = (): Scope => scopes.at(-1) as Scope

  const change = (at: number, end: number | undefined, text: () => string): void => {
    edits.push({ scope: scope(), at, end, text })
  }
  const insert = (at: number, text: string): void => {
    const touches = isInName(code[at - 1]) && isInName(text[0])
    change(at, undefined, () => (touches ? ` ${text}` : text))
  }
  const insertIf = (isNeeded: () => boolean, at: number, text: string): void =>
    change(at, undefined, () => (isNeeded() ? text : ''))

  const enterFunction = (fn: Fn): void => {
    const functionNames = namesOfFunctions(fn)
    const hasClash = new Set(functionNames).size < functionNames.length
    scopes.push({ fn, suspendsAt: [], functionNames, isLeftAlone: !fn.async || hasClash })
    const { body } = fn
    if (!body) return
    const opening = `const ${frame}=${prefix}enter();try{`
    if (body.type === 'BlockStatement') insert(startOfStatements(body), `;${opening}`)
    else insert(body.start, `{${opening}return `)
  }
  const exitFunction = ({ body }: Fn): void => {
    const closing = `}catch(${prefix}thrown){${call('fail')},${prefix}thrown)}finally{${call('leave')})}`
    if (body?.type === 'BlockStatement') insert(body.end - 1, closing)
    else if (body) insert(body.end, `${closing}}`)
    scopes.pop()
  }

  /** The loop, or its outermost label. */
  const starts = new Map<ESTree.Node, ESTree.Node>()
  const blocks: ESTree.BlockStatement[] = []
  const disposing = new Set<ESTree.Node>()
  const heads = new Set<ESTree.Node | null>()

  new Visitor({
    FunctionDeclaration: enterFunction,
    'FunctionDeclaration:exit': exitFunction,
    FunctionExpression: enterFunction,
    'FunctionExpression:exit': exitFunction,
    ArrowFunctionExpression: enterFunction,
    'ArrowFunctionExpression:exit': exitFunction,

    AwaitExpression({ start }) {
      scope().suspendsAt.push(start)
      insert(start, `${call('resume')},`)
      insert(start + 'await'.length, `${call('leave')},`)
    },
    'AwaitExpression:exit'({ end }) {
      insert(end, '))')
    },

    YieldExpression({ start, delegate, argument }) {
      scope().suspendsAt.push(start)
      insert(start, `${call('reenter')},`)
      if (argument) insert(argument.start, `${call(delegate ? 'iterate' : 'leave')},`)
      else insert(start + 'yield'.length, `${call('leave')}`)
    },
    'YieldExpression:exit'({ end }) {
      insert(end, '))')
    },

    ReturnStatement({ start, argument }) {
      if (!argument || !scope().fn?.generator) return
      scope().suspendsAt.push(start)
      insert(argument.start, `${call('leave')},`)
    },
    'ReturnStatement:exit'({ argument }) {
      if (argument && scope().fn?.generator) insert(argument.end, ')')
    },

    LabeledStatement(node) {
      starts.set(node.body, starts.get(node) ?? node)
    },

    ForStatement({ init }) {
      heads.add(init)
    },

    ForOfStatement(node) {
      heads.add(node.left)
      if (!node.await) return
      const { start, right, body } = node
      scope().suspendsAt.push(start)
      insert(starts.get(node)?.start ?? start, 'try{')
      insert(right.start, `${call('iterate')},`)
      if (body.type === 'BlockStatement') insert(body.start + 1, `${back(scope())});`)
      else insert(body.start, `{${back(scope())});`)
    },
    'ForOfStatement:exit'(node) {
      if (!node.await) return
      insert(node.right.end, ')')
      insert(node.end, `${node.body.type === 'BlockStatement' ? '' : '}'}}finally{${back(scope())})}`)
    },

    TryStatement({ block, handler, finalizer }) {
      const own = scope()
      const suspends = (node: ESTree.Node | null): boolean =>
        node !== null && own.suspendsAt.some((at) => at >= node.start && at < node.end)
      if (handler) insertIf(() => suspends(block), handler.body.start + 1, `${back(own)});`)
      if (finalizer) insertIf(() => suspends(block) || suspends(handler), finalizer.start + 1, `${back(own)});`)
    },

    BlockStatement(node) {
      blocks.push(node)
      insertIf(() => disposing.has(node), node.start + 1, 'try{')
    },
    'BlockStatement:exit'(node) {
      blocks.pop()
      insertIf(() => disposing.has(node), node.end - 1, `}finally{${back(scope())})}`)
    },

    VariableDeclaration(node) {
      const { kind, declarations } = node
      const own = scope()
      const isClash = ({ id }: ESTree.VariableDeclarator) =>
        namesIn(id).some((name) => own.functionNames.includes(name))
      if (kind === 'var' && declarations.some(isClash)) own.isLeftAlone = true
    },
    'VariableDeclaration:exit'(node) {
      if (node.kind !== 'await using') return
      const own = scope()
      const block = blocks.at(-1)
      if (heads.has(node) || !block) {
        own.isLeftAlone = true
        return
      }
      own.suspendsAt.push(block.end - 1)
      // After the end of the function's own block nothing follows.
      if (own.fn?.body !== block) disposing.add(block)
      const [keywords = ''] = /^await(?:\s|\/\*.*?\*\/)*using/s.exec(code.slice(node.start)) ?? []
      change(node.start, node.start + keywords.length, () => 'const')
      node.declarations.forEach(({ id, end }, index) => {
        const next = node.declarations[index + 1]
        const disposal = `;await using ${prefix}${id.start}=${call('guard')},${code.slice(id.start, id.end)})`
        change(end, next?.start, () => (next ? `${disposal};const ` : disposal))
      })
    },
  }).visit(program)

  return edits
    .filter(({ scope }) => !scope.isLeftAlone && scope.suspendsAt.length > 0)
    .map(({ at, end, text }) => ({ at, text: text(), ...(end !== undefined && { end }) }))
    .filter(({ text }) => text !== '')
}

const isInName = (character = ''): boolean => /[\w$\u0080-\uffff]/.test(character)

const startOfStatements = ({
  type,
  start,
  body,
}: ESTree.BlockStatement | ESTree.FunctionBody | ESTree.Program): number =>
  body.findLast((statement) => 'directive' in statement && typeof statement.directive === 'string')?.end ??
  (type === 'Program' ? (body[0]?.start ?? start) : start + 1)

/** In the block that goes around a body, a function may not share its name with another one or with a `var`. */
const namesOfFunctions = ({ body }: Fn): string[] =>
  body?.type === 'BlockStatement'
    ? body.body.flatMap((statement) =>
        statement.type === 'FunctionDeclaration' && statement.id ? [statement.id.name] : [],
      )
    : []

const namesIn = (pattern: ESTree.BindingPattern | ESTree.BindingRestElement | null): string[] => {
  switch (pattern?.type) {
    case 'Identifier':
      return [pattern.name]
    case 'AssignmentPattern':
      return namesIn(pattern.left)
    case 'ArrayPattern':
      return pattern.elements.flatMap(namesIn)
    case 'ObjectPattern':
      return pattern.properties.flatMap((property) =>
        property.type === 'Property' ? namesIn(property.value) : namesIn(property),
      )
    case 'RestElement':
      return namesIn(pattern.argument)
    default:
      return []
  }
}
