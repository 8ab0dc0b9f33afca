import assert from 'node:assert/strict'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative, resolve } from 'node:path'
import { after, describe, test } from 'node:test'
import { dockerIgnore, layImage, readDockerfile } from './image-tree.mjs'

const repository = resolve(import.meta.dirname, '..')
const folder = mkdtempSync(join(tmpdir(), 'cruddur-image-trees-'))
after(() => rmSync(folder, { recursive: true }))

for (const workspace of ['backend', 'frontend']) {
  const dockerfile = `${workspace}/Dockerfile`

  describe(`the image of ${dockerfile}`, async () => {
    const commands = []
    // Neither packages nor the page: those take a minute, and `npm run check:images`.
    const image = await layImage(dockerfile, join(folder, workspace), async (command, { cwd }) => {
      commands.push(command)
      if (!command.startsWith('npm run build')) return
      mkdirSync(join(cwd, workspace, 'dist'))
      writeFileSync(join(cwd, workspace, 'dist/index.html'), '')
    })
    const files = readdirSync(image.root, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(image.root, join(entry.parentPath, entry.name)))

    test('installs what the lockfile says and runs no script of a package', () => {
      const [install] = commands
      assert.match(install, /^npm ci /)
      assert.match(install, /--ignore-scripts/)
    })

    test('holds no test, no environment, nothing of another workspace', () => {
      const strangers = files.filter((file) => !/^app\/(backend|frontend|shared|package(-lock)?\.json)/.test(file))
      assert.deepEqual(strangers, [])
      assert.deepEqual(
        files.filter((file) => /\.test\.|\.env|\/e2e\/|Dockerfile/.test(file)),
        [],
      )
      const other = workspace === 'backend' ? 'app/frontend/' : 'app/backend/'
      assert.deepEqual(
        files.filter((file) => file.startsWith(other)),
        [],
      )
    })

    test('starts as the workspace does, as nobody special', () => {
      const { scripts } = JSON.parse(readFileSync(join(repository, workspace, 'package.json'), 'utf8'))
      assert.equal(image.command.join(' '), scripts.start)
      assert.equal(image.user, 'node')
      assert.equal(image.environment.NODE_ENV, 'production')
      assert.match(image.image, /^node:24\b/)
    })

    test('holds every file that its command imports, and installs every package', () => {
      const entries = image.command.slice(1).filter((word) => word.endsWith('.ts'))
      const { missing, reached } = followImports(
        entries.map((entry) => join(image.folder, entry)),
        image.root,
      )
      assert.deepEqual(missing, [])
      assert.ok(reached > entries.length)
    })
  })
}

test('what is published is what the images listen on', () => {
  assert.deepEqual(
    ['frontend', 'backend'].map((workspace) => readDockerfile(`${workspace}/Dockerfile`).at(-1).port),
    [3000, 4567],
  )
})

test('.dockerignore is read as Docker reads it', () => {
  const isSent = dockerIgnore('*\n!kept\n**/*.log\n**/.*\nkept/not\n!kept/not/but-this\n')
  const sent = ['kept/a', 'kept/deep/er/a.ts', 'kept/not/but-this']
  const heldBack = ['other', 'kept/a.log', 'kept/deep/a.log', '.env', 'kept/.env', 'kept/not/a', 'kept/deep/.git/a']
  assert.deepEqual([...sent, ...heldBack].filter(isSent), sent)
})

test('no .env and no packages of this machine are sent to Docker', () => {
  const isSent = dockerIgnore()
  for (const path of [
    '.env',
    '.env.local',
    'backend/.env',
    'node_modules/pg',
    'backend/node_modules/pg',
    'frontend/dist/index.html',
    '.git/config',
    '.data/postgres',
  ])
    assert.equal(isSent(path), false, path)
})

/** The relative imports that lead nowhere, and the packages that the importing workspace does not depend on. */
function followImports(entries, root) {
  const missing = []
  const reached = new Set()
  const queue = [...entries]
  while (queue.length > 0) {
    const file = queue.pop()
    if (reached.has(file)) continue
    reached.add(file)
    if (!existsSync(file)) {
      missing.push(relative(root, file))
      continue
    }
    if (!/\.[mc]?[jt]s$/.test(file)) continue
    for (const specifier of importsOf(readFileSync(file, 'utf8'))) {
      if (specifier.startsWith('node:')) continue
      if (specifier.startsWith('.')) queue.push(resolve(dirname(file), specifier))
      else if (specifier.startsWith('@cruddur/shared/'))
        queue.push(join(root, 'app/shared/src', `${specifier.slice('@cruddur/shared/'.length)}.ts`))
      else if (!dependsOn(file, root, specifier)) missing.push(`${specifier} in ${relative(root, file)}`)
    }
  }
  return { missing, reached: reached.size }
}

function importsOf(source) {
  const code = source.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '')
  const declared = [...code.matchAll(/^(?:import|export)\s+(?!type\b)(?:[\w*{][^'"]*?\sfrom\s+)?['"]([^'"]+)['"]/gm)]
  const dynamic = [...code.matchAll(/\bimport\(\s*['"]([^'"]+)['"]/g)]
  return [...declared, ...dynamic].map(([, specifier]) => specifier)
}

function dependsOn(file, root, specifier) {
  const workspace = relative(join(root, 'app'), file).split('/')[0]
  const manifest = JSON.parse(readFileSync(join(root, 'app', workspace, 'package.json'), 'utf8'))
  const name = specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
  return name in (manifest.dependencies ?? {})
}
