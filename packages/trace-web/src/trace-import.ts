import { browserAttr } from '@cruddur/wire/names'
import { SpanStatusCode, trace } from '@opentelemetry/api'

/** Runs an `import()` as a part of the current trace, so that the action lasts until its code has come. */
export const traceImport = async <Code>(file: string, load: () => Promise<Code>): Promise<Code> => {
  const attributes = { [browserAttr.resourceFile]: file }
  const span = trace.getTracer('document').startSpan(`import ${file}`, { attributes })
  try {
    return await load()
  } catch (error) {
    span.setStatus({ code: SpanStatusCode.ERROR, message: 'The code did not load.' })
    throw error
  } finally {
    span.end()
  }
}
