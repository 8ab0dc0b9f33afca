import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startHoneycomb } from '@cruddur/vendor-doubles'
import { logs } from '@opentelemetry/api'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { LoggerProvider } from '@opentelemetry/sdk-logs'
import { createLog } from '../logger.ts'
import { deadlineFor, faults, isBalanced, testSignal, until } from '../testing.ts'
import { otlpSettingsFromEnvironment } from './otlp.ts'
import { otlpLines, otlpLogProcessor } from './otlp-logs.ts'

for (const [name, fault] of faults) {
  test(`with ${name}: log records wait in a bounded queue, the account balances, and delivery resumes`, async (t) => {
    const broken = await startHoneycomb()
    t.after(broken.stop)
    process.env.OTEL_EXPORTER_OTLP_ENDPOINT = broken.url
    const { signal } = testSignal('OTLP log records')
    const processor = otlpLogProcessor({
      signal,
      settings: otlpSettingsFromEnvironment('http/protobuf', 'LOGS'),
      limits: { deadlineMs: deadlineFor(fault), lingerMs: 5, items: 500, attempts: 1_000 },
      backoff: { firstMs: 20, longestMs: 50 },
    })
    delete process.env.OTEL_EXPORTER_OTLP_ENDPOINT
    logs.disable()
    logs.setGlobalLoggerProvider(
      new LoggerProvider({ resource: resourceFromAttributes({ 'service.name': 'test' }), processors: [processor] }),
    )
    const said: string[] = []
    const stdout = Object.assign(Object.create(process.stdout), { write: (line: string) => said.push(line) > 0 })
    const log = createLog({
      service: 'test',
      environment: 'test',
      stdout,
      sinks: [otlpLines({ service: 'test', attributes: {} })],
    })
    broken.fault = fault

    for (let i = 0; i < 2_000; i++) log.info(`line ${i}`, { status: 200 })
    assert.equal(signal.snapshot().created, 2_000)
    await until(() => signal.snapshot().lastError !== null)
    assert.ok(isBalanced(signal))
    assert.ok(signal.snapshot().queued <= 500)
    assert.ok(broken.sockets.mostOpen <= 2)

    broken.fault = null
    log.warn('one more')
    await until(() => signal.snapshot().queued === 0)
    assert.ok(signal.snapshot().delivered > 0)
    assert.ok(isBalanced(signal))
    await processor.shutdown(100)
  })
}
