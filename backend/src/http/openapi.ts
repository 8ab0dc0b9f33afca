import { type Endpoint, idempotencyHeader, pathParameters } from '@cruddur/shared/endpoint'
import { ErrorBody } from '@cruddur/shared/errors'
import * as z from 'zod/mini'

type Schema = { type?: string; properties?: Record<string, Schema>; required?: string[]; [key: string]: unknown }

/** Makes the document from the definitions that the backend mounts and the page calls. */
export const openApiOf = (endpoints: readonly Endpoint[]): object => {
  const paths: Record<string, Record<string, object>> = {}
  for (const endpoint of endpoints) {
    const path = endpoint.path.replace(/:([a-z_]+)/g, '{$1}')
    paths[path] = { ...paths[path], [endpoint.method.toLowerCase()]: operationOf(endpoint) }
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Cruddur', version: '1.0.0', license: { name: 'MIT', identifier: 'MIT' } },
    paths,
  }
}

const operationOf = (endpoint: Endpoint): object => {
  const { properties = {}, required = [] } = schemaOf(endpoint.input, 'input')
  const inPath = pathParameters(endpoint.path)
  const others = Object.keys(properties).filter((name) => !inPath.includes(name))
  const parameter = (place: string) => (name: string) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    schema: properties[name],
  })
  const hasBody = endpoint.method === 'POST' && others.length > 0
  return {
    summary: endpoint.summary,
    parameters: [
      ...inPath.map(parameter('path')),
      ...(endpoint.method === 'POST' ? [] : others.map(parameter('query'))),
      ...(endpoint.isIdempotent ? [idempotencyParameter] : []),
    ],
    ...(hasBody && { requestBody: { required: true, content: json(bodyOf(properties, required, others)) } }),
    responses: {
      200: { description: 'Done', content: json(schemaOf(endpoint.output, 'output')) },
      default: { description: 'Refused', content: json(schemaOf(ErrorBody, 'output')) },
    },
  }
}

const idempotencyParameter = {
  name: idempotencyHeader,
  in: 'header',
  required: false,
  schema: { type: 'string', pattern: '^[\\x21-\\x7e]{1,64}$' },
}

const bodyOf = (properties: Record<string, Schema>, required: string[], names: string[]): Schema => ({
  type: 'object',
  properties: Object.fromEntries(names.map((name) => [name, properties[name] as Schema])),
  required: required.filter((name) => names.includes(name)),
  additionalProperties: false,
})

const json = (schema: Schema) => ({ 'application/json': { schema } })

const schemaOf = (type: z.ZodMiniType, io: 'input' | 'output'): Schema => {
  const { $schema: _, ...schema } = z.toJSONSchema(type, { io, unrepresentable: 'any' })
  return schema as Schema
}
