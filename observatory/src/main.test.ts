import assert from 'node:assert/strict'
import { type ChildProcess, fork } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

const main = fileURLToPath(new URL('./main.ts', import.meta.url))

const run = (port: string, xrayPort = '0', args: string[] = []) => {
  const env = { ...process.env, OBSERVATORY_PORT: port, OBSERVATORY_XRAY_PORT: xrayPort }
  const child = fork(main, args, { env, silent: true, execArgv: [] })
  const said = { out: '', err: '' }
  child.stdout?.on('data', (chunk) => {
    said.out += chunk
  })
  child.stderr?.on('data', (chunk) => {
    said.err += chunk
  })
  return { child, said, ended: once(child, 'exit'), silent: once(child, 'close') }
}

const listens = (child: ChildProcess) => once(child.stdout as NonNullable<ChildProcess['stdout']>, 'data')

const ways: [string, (child: ChildProcess) => void][] = [
  ['SIGTERM', (child) => child.kill('SIGTERM')],
  ['SIGINT', (child) => child.kill('SIGINT')],
  ['the end of its parent process', (child) => child.disconnect()],
]

for (const [what, end] of ways) {
  test(`${what} ends the observatory, even while a page listens`, async () => {
    const { child, said, ended } = run('0')
    await listens(child)
    const url = /http:\S+/.exec(said.out)?.[0]
    const live = await fetch(`${url}/api/live`)
    assert.equal(live.status, 200)
    end(child)
    assert.deepEqual(await ended, [0, null])
    await live.body?.cancel().catch(() => {})
  })
}

test('a port in use is one line that names the port and the variable', async () => {
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  const { port } = other.address() as AddressInfo
  const { said, silent } = run(String(port))
  assert.deepEqual(await silent, [1, null])
  assert.equal(
    said.err,
    `Port ${port} is in use. Stop the program that uses it, or choose another port with OBSERVATORY_PORT.\n`,
  )
  other.close()
})

test('a value that is not a port is one line', async () => {
  const { said, silent } = run('eighty')
  assert.deepEqual(await silent, [1, null])
  assert.equal(said.err, 'OBSERVATORY_PORT is “eighty”, which is not a port.\n')
})

const takenBy = {
  UDP: async () => {
    const socket = createSocket('udp4').bind(0, '127.0.0.1')
    await once(socket, 'listening')
    return { port: socket.address().port, close: () => socket.close() }
  },
  TCP: async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    return { port: (server.address() as AddressInfo).port, close: () => server.close() }
  },
}

for (const [protocol, take] of Object.entries(takenBy)) {
  test(`an X-Ray port whose ${protocol} side is in use is one line that names the port and the variable`, async () => {
    const { port, close } = await take()
    const { said, silent } = run('0', String(port))
    assert.deepEqual(await silent, [1, null])
    assert.equal(
      said.err,
      `Port ${port} is in use. Stop the program that uses it, or choose another port with OBSERVATORY_XRAY_PORT.\n`,
    )
    close()
  })
}

test('it prints its address and that of X-Ray', async () => {
  const { child, said, ended } = run('0')
  while (!said.out.includes('UDP')) await listens(child)
  assert.match(
    said.out,
    /^the observatory listens on http:\/\/localhost:\d+\nthe observatory's X-Ray listens on 127\.0\.0\.1:\d+, UDP and TCP\n$/,
  )
  child.kill('SIGTERM')
  await ended
})

test('an option counts before its variable, and is named when its port is in use', async () => {
  const { port, close } = await takenBy.TCP()
  const { said, silent } = run('0', '0', ['--port', String(port)])
  assert.deepEqual(await silent, [1, null])
  assert.equal(said.err, `Port ${port} is in use. Stop the program that uses it, or choose another port with --port.\n`)
  close()
})

test('an unknown option is one line, and --help names every option and variable', async () => {
  const { said, silent } = run('0', '0', ['--prot', '1'])
  assert.deepEqual(await silent, [1, null])
  assert.match(said.err, /^Unknown option '--prot'.* See observatory --help\.\n$/)
  const helped = run('0', '0', ['--help'])
  assert.deepEqual(await helped.silent, [0, null])
  for (const name of ['--port', '--xray-port', '--help', 'OBSERVATORY_PORT', 'OBSERVATORY_XRAY_PORT', '4318', '2000'])
    assert.ok(helped.said.out.includes(name), name)
})
