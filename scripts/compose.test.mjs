import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { parse } from 'yaml'
import { serviceName } from '../shared/src/service-name.ts'

const read = (path) => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8')
const compose = parse(read('docker-compose.yml'), { merge: true })
const services = Object.entries(compose.services)
const secret = /KEY|SECRET|TOKEN|PASSWORD/

describe('docker-compose.yml', () => {
  test('runs the database, the X-Ray daemon, the backend and the frontend, and a Collector only with its profile', () => {
    const always = services.filter(([, { profiles }]) => !profiles).map(([name]) => name)
    assert.deepEqual(always.sort(), ['backend', 'frontend', 'postgres', 'xray-daemon'])
    const asked = services.filter(([, { profiles }]) => profiles?.includes('collector')).map(([name]) => name)
    assert.deepEqual(asked.sort(), ['collector', 'collector-sampler-1', 'collector-sampler-2'])
    assert.match(compose.services.postgres.image, /^postgres:18\b/)
    assert.match(compose.services['xray-daemon'].image, /^amazon\/aws-xray-daemon:/)
  })

  for (const [name, service] of services) {
    test(`${name} has no needless rights`, () => {
      assert.deepEqual(
        {
          init: service.init,
          read_only: service.read_only,
          cap_drop: service.cap_drop,
          security_opt: service.security_opt,
          restart: service.restart,
        },
        {
          init: true,
          read_only: true,
          cap_drop: ['ALL'],
          security_opt: ['no-new-privileges:true'],
          restart: 'unless-stopped',
        },
      )
      assert.ok(service.tmpfs.some((mount) => mount.startsWith('/tmp')))
      assert.match(service.mem_limit, /^\d+m$/)
      assert.ok(service.pids_limit > 0)
      assert.ok(!service.privileged && !service.cap_add)
    })

    test(`${name} runs as an ordinary user`, () => {
      // AWS's own image says USER xray.
      if (name === 'xray-daemon') return assert.equal(service.user, undefined)
      const user = service.user ?? /^USER (\S+)$/m.exec(read(service.build.dockerfile))?.[1]
      assert.ok(user && user !== 'root' && user !== '0', user)
    })

    test(`${name} has no secret in the file`, () => {
      for (const [variable, value] of Object.entries(service.environment ?? {}))
        if (secret.test(variable)) assert.match(String(value), /^\$\{\w+:(-\}|\?)/, variable)
    })
  }

  test('publishes only the page, on loopback unless PUBLISH_ADDRESS says otherwise', () => {
    const published = services.flatMap(([name, { ports = [] }]) => ports.map((port) => `${name} ${port}`))
    assert.deepEqual(published.sort(), [
      // biome-ignore-start lint/suspicious/noTemplateCurlyInString: Compose fills these in.
      'frontend ${PUBLISH_ADDRESS:-127.0.0.1}:3000:3000',
      // biome-ignore-end lint/suspicious/noTemplateCurlyInString: Compose fills these in.
    ])
  })

  test('offers no demo people unless DEMO_PEOPLE is true', () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: Compose fills it in.
    assert.equal(compose.services.backend.environment.DEMO_PEOPLE, '${DEMO_PEOPLE:-false}')
  })

  test('connects the database to the backend only', () => {
    const onData = services.filter(([, { networks }]) => networks.includes('data')).map(([name]) => name)
    assert.deepEqual(onData.sort(), ['backend', 'postgres'])
    assert.equal(compose.networks.data.internal, true)
    assert.deepEqual(compose.services.postgres.networks, ['data'])
  })

  test('says how to create the password when it is not set', () => {
    const { POSTGRES_PASSWORD } = compose.services.postgres.environment
    assert.match(POSTGRES_PASSWORD, /^\$\{POSTGRES_PASSWORD:\?.*openssl rand.*>> \.env\}$/)
    assert.equal(compose.services.backend.environment.PGPASSWORD, POSTGRES_PASSWORD)
    assert.equal(new URL(compose.services.backend.environment.DATABASE_URL).password, '')
  })

  test('sends the segments to the port on which the daemon listens', () => {
    const [host, port] = compose.services.backend.environment.AWS_XRAY_DAEMON_ADDRESS.split(':')
    assert.ok(compose.services[host])
    assert.ok(compose.services[host].expose.includes(`${port}/udp`))
  })

  test('gives the keys to the backend, never to the frontend', () => {
    const { backend, frontend } = compose.services
    assert.deepEqual(backend.env_file, [{ path: '.env', required: false }])
    assert.equal(frontend.env_file, undefined)
    assert.deepEqual(
      Object.keys(frontend.environment).filter((name) => secret.test(name)),
      [],
    )
  })

  test('waits until its own services are healthy, never for a vendor', () => {
    const waits = services.flatMap(([name, { depends_on = {} }]) =>
      Object.entries(depends_on).map(([other, { condition }]) => `${name}: ${other} ${condition}`),
    )
    assert.deepEqual(waits.sort(), [
      'backend: postgres service_healthy',
      'backend: xray-daemon service_started',
      'frontend: backend service_healthy',
    ])
    for (const name of ['postgres', 'backend', 'frontend'])
      assert.ok(compose.services[name].healthcheck.test.length > 1)
    // With ?ready, Compose would restart the backend when its database is down.
    assert.doesNotMatch(JSON.stringify(compose.services.backend.healthcheck), /ready/)
  })
})

describe('cloud workspaces', () => {
  const gitpod = parse(read('.gitpod.yml'))
  const devcontainer = JSON.parse(read('.devcontainer/devcontainer.json'))
  const { scripts } = JSON.parse(read('package.json'))

  test('Gitpod opens the page on 3000 and the backend on 4567', () => {
    const byPort = Object.fromEntries(gitpod.ports.map((port) => [port.port, port]))
    assert.deepEqual(byPort[3000], { port: 3000, name: 'frontend', onOpen: 'open-browser', visibility: 'public' })
    assert.deepEqual([byPort[4567].name, byPort[4567].visibility], ['backend', 'public'])
  })

  test('a dev container forwards the three ports with labels', () => {
    assert.deepEqual(devcontainer.forwardPorts, [3000, 4567, 4318])
    for (const port of devcontainer.forwardPorts) assert.ok(devcontainer.portsAttributes[port].label)
  })

  test('both only run npm ci and npm start', () => {
    for (const command of [gitpod.tasks[0].init, devcontainer.postCreateCommand]) assert.equal(command, 'npm ci')
    for (const command of [gitpod.tasks[0].command, devcontainer.postAttachCommand]) assert.equal(command, 'npm start')
    assert.ok(scripts.start)
  })
})

describe('aws/json', () => {
  const { SamplingRule } = JSON.parse(read('aws/json/xray.json'))
  const group = JSON.parse(read('aws/json/xray-group.json'))

  test('names the backend as its spans do', () => {
    assert.equal(SamplingRule.ServiceName, serviceName.backend)
    assert.equal(group.FilterExpression, `service("${serviceName.backend}")`)
  })
})
