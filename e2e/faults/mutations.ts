import { execFile } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { hermetic } from './backend.ts'
import { countOf, openScene } from './scene.ts'

type Replacement = readonly [from: string, to: string]
type Proof = (tree: string) => Promise<string | null>

type Mutation = {
  readonly protection: string
  readonly file: string
  readonly replace: readonly Replacement[]
  readonly provenBy: string
  /** Says what failed. null: nothing. */
  readonly proof: Proof
}

const repository = fileURLToPath(new URL('../..', import.meta.url))
const testWithinMs = 60_000

const kernel = 'packages/trace-node/src'

const unitTest =
  (file: string): Proof =>
  (tree) =>
    new Promise((resolve) => {
      const args = ['--test', '--test-timeout=20000', '--test-reporter=tap', file]
      execFile(process.execPath, args, { cwd: tree, timeout: testWithinMs, env: hermetic({}) }, (error, stdout) => {
        if (!error) return resolve(null)
        const failures = [...stdout.matchAll(/^ *not ok \d+ - (.*)$/gm)].map(([, name]) => name)
        resolve(failures[0] ? `“${failures[0]}”` : error.message.slice(0, 100))
      })
    })

const blackHoledRollbar: Proof = async (tree) => {
  const scene = await openScene({ perSecond: 40, folder: join(tree, 'backend') })
  try {
    await scene.setFault(['rollbar'], 'black hole')
    const { name } = await scene.runPhase('black hole', 7_000)
    await scene.load.pause()
    const { requests, errors } = await scene.load.result(name)
    return countOf(errors) > 0 ? `${countOf(errors)} of ${requests} requests were not answered within 5 s` : null
  } finally {
    await scene.close()
  }
}

const mutations: readonly Mutation[] = [
  {
    protection: 'a queue has a cap',
    file: `${kernel}/vendors/export-queue.ts`,
    replace: [
      ['while (queue.length > 0 && (heldItems > limits.items || heldBytes > limits.bytes)) {', 'while (!queue) {'],
    ],
    provenBy: `${kernel}/vendors/export-queue.test.ts`,
    proof: unitTest(`${kernel}/vendors/export-queue.test.ts`),
  },
  {
    protection: 'an attempt has a deadline, whatever the vendor does',
    file: `${kernel}/vendors/export-queue.ts`,
    replace: [['limits.deadlineMs} ms`), limits.deadlineMs)', 'limits.deadlineMs} ms`), 2 ** 30)']],
    provenBy: `${kernel}/vendors/export-queue.test.ts`,
    proof: unitTest(`${kernel}/vendors/export-queue.test.ts`),
  },
  {
    protection: 'a fault is answered before Rollbar has it',
    file: 'backend/src/http/error-handler.ts',
    replace: [
      [
        "import { currentTraceId, shortened } from '../telemetry/index.ts'",
        "import { vendors } from '@cruddur/trace-node/testing/vendors'\nimport { currentTraceId, shortened } from '../telemetry/index.ts'",
      ],
      [
        '  res.status(error.status).json(body)\n',
        '  void vendors().faults.flush(60_000).then(() => res.status(error.status).json(body))\n',
      ],
    ],
    provenBy: 'Rollbar as a black hole, under load',
    proof: blackHoledRollbar,
  },
  {
    protection: 'a signal complains once a minute',
    file: `${kernel}/vendors/signal.ts`,
    replace: [['    if (quiet) return\n', '']],
    provenBy: `${kernel}/vendors/signal.test.ts`,
    proof: unitTest(`${kernel}/vendors/signal.test.ts`),
  },
  {
    protection: 'OTLP: a 500 is final',
    file: `${kernel}/vendors/otlp.ts`,
    replace: [['new Set([429, 502, 503, 504])', 'new Set([429, 500, 502, 503, 504])']],
    provenBy: `${kernel}/vendors/otlp.test.ts`,
    proof: unitTest(`${kernel}/vendors/otlp.test.ts`),
  },
]

/** Removes the protections one at a time: a test must fail. With all protections in place, every test must pass. */
export const runMutations = async (say: (line: string) => void): Promise<{ table: string; survivors: string[] }> => {
  const survivors: string[] = []
  const lines: string[] = []
  const tree = copyOfSources()
  const source = (file: string) => join(tree, file)
  const read = (file: string) => readFileSync(source(file), 'utf8')
  try {
    for (const { provenBy, proof } of new Map(mutations.map((one) => [one.provenBy, one])).values()) {
      const failed = await proof(tree)
      if (failed) survivors.push(`${provenBy} fails with all protections: ${failed}`)
      say(`with all protections, ${provenBy}: ${failed ?? 'passes'}`)
    }
    for (const { protection, file, replace, provenBy, proof } of mutations) {
      const before = read(file)
      writeFileSync(source(file), mutated(before, replace, file))
      const failed = await proof(tree)
      writeFileSync(source(file), before)
      if (!failed) survivors.push(`nothing fails without: ${protection}`)
      lines.push(`| ${protection} | ${provenBy} | ${failed ?? 'NOTHING'} |`)
      say(`without “${protection}”: ${failed ?? 'nothing fails'}`)
    }
  } finally {
    rmSync(tree, { recursive: true, force: true })
  }
  return { table: ['| removed | proven by | what fails |', '| --- | --- | --- |', ...lines].join('\n'), survivors }
}

const mutated = (text: string, replace: readonly Replacement[], file: string): string =>
  replace.reduce((mutant, [from, to]) => {
    const found = mutant.split(from).length - 1
    if (found !== 1) throw new Error(`${file} contains this ${found} times, not once: ${from}`)
    return mutant.replace(from, () => to)
  }, text)

const copyOfSources = (): string => {
  const tree = mkdtempSync(join(tmpdir(), 'cruddur-mutations-'))
  for (const part of ['backend', 'packages/trace-node'].flatMap((room) => [`${room}/package.json`, `${room}/src`])) {
    cpSync(join(repository, part), join(tree, part), { recursive: true })
  }
  for (const link of [
    'node_modules',
    'scripts',
    'shared',
    'aws',
    'backend/node_modules',
    'packages/trace-node/node_modules',
    'package.json',
  ]) {
    symlinkSync(join(repository, link), join(tree, link))
  }
  return tree
}
