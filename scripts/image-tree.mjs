// Lays out what a Dockerfile would put into its image, without Docker.
// Usage: node scripts/image-tree.mjs <Dockerfile> <empty folder>
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, matchesGlob, posix, relative, resolve } from 'node:path'

const repository = resolve(import.meta.dirname, '..')

/** The instructions of a Dockerfile, stage by stage; refuses those that this file cannot play. */
export function readDockerfile(path) {
  const lines = readFileSync(join(repository, path), 'utf8')
    .replace(/^\s*#.*\n/gm, '')
    .replace(/\\\n/g, ' ')
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean)
  const variables = {}
  const stages = []
  for (const line of lines) {
    const [, instruction, rest] = /^([A-Z]+)\s+(.*)$/.exec(line) ?? []
    const said = expand(rest ?? '', variables)
    const stage = stages.at(-1)
    if (instruction === 'ARG') variables[said.split('=')[0]] = said.split('=')[1] ?? ''
    else if (instruction === 'FROM') stages.push(stageFrom(said))
    else if (instruction === 'WORKDIR') enter(stage, said)
    else if (instruction === 'COPY') stage.steps.push(copyFrom(said, stage.workdir))
    else if (instruction === 'RUN')
      stage.steps.push({ run: said.replace(/--mount=\S+\s+/g, '').trim(), workdir: stage.workdir })
    else if (instruction === 'ENV')
      for (const [, name, value] of said.matchAll(/(\w+)=(\S+)/g)) stage.environment[name] = value
    else if (instruction === 'USER') stage.user = said
    else if (instruction === 'EXPOSE') stage.port = Number(said)
    else if (instruction === 'CMD') stage.command = JSON.parse(said)
    else throw new Error(`${path} says what image-tree.mjs cannot do: ${line}`)
  }
  return stages
}

function stageFrom(said) {
  const [image, , name] = said.split(/\s+/)
  return { image, name, workdir: '/', steps: [], environment: {} }
}

function enter(stage, folder) {
  stage.workdir = posix.resolve(stage.workdir, folder)
  stage.steps.push({ workdir: stage.workdir })
}

function copyFrom(said, workdir) {
  const words = said.split(/\s+/)
  const from = words[0].startsWith('--from=') ? words.shift().slice('--from='.length) : undefined
  const to = words.pop()
  // Docker's rule: several sources, or a slash at the end, and the destination is a folder.
  const intoFolder = words.length > 1 || to.endsWith('/')
  return { from, sources: words, to: posix.resolve(workdir, to), intoFolder }
}

const expand = (text, variables) => text.replace(/\$\{(\w+)\}/g, (_, name) => variables[name] ?? '')

/** Plays the stages into `folder/<stage>`; the last one is the image. `run(command, { cwd, environment })` does what RUN says. */
export async function layImage(path, folder, run = runInShell) {
  const isSent = dockerIgnore()
  const stages = readDockerfile(path)
  const rootOf = new Map()
  for (const [index, stage] of stages.entries()) {
    const root = join(folder, stage.name ?? (index === stages.length - 1 ? 'image' : String(index)))
    rootOf.set(stage.name ?? String(index), root)
    mkdirSync(root, { recursive: true })
    for (const step of stage.steps) {
      if (step.sources) copy(step, root, step.from === undefined ? null : rootOf.get(step.from), isSent)
      else if (step.run) await run(step.run, { cwd: join(root, step.workdir), environment: stage.environment })
      else mkdirSync(join(root, step.workdir), { recursive: true })
    }
  }
  const image = stages.at(-1)
  return {
    ...image,
    root: join(folder, image.name ?? 'image'),
    folder: join(folder, image.name ?? 'image', image.workdir),
  }
}

function copy({ sources, to, intoFolder }, root, stageRoot, isSent) {
  for (const source of sources) {
    const from = stageRoot ? join(stageRoot, source) : join(repository, source)
    if (!stageRoot && !isSent(source)) throw new Error(`COPY ${source}: .dockerignore keeps it back`)
    const isFolder = statSync(from).isDirectory()
    const destination = join(root, to, !isFolder && intoFolder ? posix.basename(source) : '')
    mkdirSync(isFolder ? destination : dirname(destination), { recursive: true })
    cpSync(from, destination, {
      recursive: true,
      verbatimSymlinks: true,
      filter: (path) => stageRoot !== null || isSent(relative(repository, path)),
    })
  }
}

/** Docker's reading of .dockerignore: the last pattern that matches a path, or a folder above it, decides. */
export function dockerIgnore(text = readFileSync(join(repository, '.dockerignore'), 'utf8')) {
  const patterns = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line && !line.startsWith('#'))
    .map((line) => ({ keeps: line.startsWith('!'), glob: line.replace(/^!/, '').replace(/^\/|\/$/g, '') }))
  return (path) => {
    const parts = path.split('/')
    const selfAndParents = parts.map((_, index) => parts.slice(0, index + 1).join('/'))
    let sent = true
    for (const { keeps, glob } of patterns) if (selfAndParents.some((part) => matches(part, glob))) sent = keeps
    return sent
  }
}

// Unlike Docker's, Node's globs pass over a leading dot unless the pattern has it.
const matches = (path, glob) => matchesGlob(path.replace(/(^|\/)\./g, '$1·'), glob.replace(/(^|\/)\./g, '$1·'))

async function runInShell(command, { cwd, environment }) {
  // What `npm run` told us about the repository is not for the npm of the image.
  const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_|^INIT_CWD$/i.test(name)))
  const child = spawn('/bin/sh', ['-c', command], {
    cwd,
    env: { ...inherited, PATH: `${dirname(process.execPath)}:${process.env.PATH}`, ...environment },
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  const [code] = await once(child, 'exit')
  if (code !== 0) throw new Error(`RUN ${command}: ended with ${code}`)
}

if (import.meta.main) {
  const [dockerfile, folder] = process.argv.slice(2)
  if (!dockerfile || !folder || readdirSync(folder).length > 0) {
    process.stderr.write('Usage: node scripts/image-tree.mjs <Dockerfile> <empty folder>\n')
    process.exit(1)
  }
  const image = await layImage(dockerfile, resolve(folder))
  process.stdout.write(`${image.folder}: ${image.command.join(' ')}\n`)
}
