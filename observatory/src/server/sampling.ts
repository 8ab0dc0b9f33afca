import type { IncomingMessage, ServerResponse } from 'node:http'
import cruddur from '../../../aws/json/xray.json' with { type: 'json' }
import { type Fields, isFields } from '../trace/item.ts'
import { readBody } from './body.ts'
import type { Refusing } from './faults.ts'

const maxBodyBytes = 1024 * 1024
const quotaForS = 10
const defaultRule = {
  RuleName: 'Default',
  ResourceARN: '*',
  Priority: 10_000,
  FixedRate: 0.05,
  ReservoirSize: 1,
  ServiceName: '*',
  ServiceType: '*',
  Host: '*',
  HTTPMethod: '*',
  URLPath: '*',
  Version: 1,
}
/** Nothing is billed here: on a laptop every click has its segments, of which AWS would keep the rule's share. */
const rules = [{ ...cruddur.SamplingRule, FixedRate: 1 }, defaultRule]

/** What the daemon passes on to X-Ray for the SDKs' samplers: the rules, and how much of each is whose. */
export const answerSampling = () => {
  const startedS = Math.floor(Date.now() / 1000)
  /** When each client last asked for its share of a rule. */
  const clients = new Map<string, Map<string, number>>(rules.map(({ RuleName }) => [RuleName, new Map()]))

  const sharers = (rule: string, client: string, nowS: number): number => {
    const seen = clients.get(rule) ?? new Map<string, number>()
    seen.set(client, nowS)
    for (const [other, at] of seen) if (at < nowS - 2 * quotaForS) seen.delete(other)
    return seen.size
  }

  const targetOf = ({ RuleName: name, ClientID: client }: Fields, nowS: number): object => {
    const rule = rules.find(({ RuleName }) => RuleName === name)
    if (!rule) return { RuleName: name, ErrorCode: 'InvalidRuleName', Message: 'there is no such rule' }
    const quota = Math.floor(rule.ReservoirSize / sharers(rule.RuleName, String(client), nowS))
    return {
      RuleName: rule.RuleName,
      FixedRate: rule.FixedRate,
      ReservoirQuota: quota,
      ReservoirQuotaTTL: nowS + quotaForS,
      Interval: quotaForS,
    }
  }

  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const say = (status: number, body: object) =>
      void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    const body = parse(await readBody(request, false, maxBodyBytes))
    const operation = `${request.method} ${request.url}`
    if (operation === 'POST /GetSamplingRules') {
      const SamplingRuleRecords = rules.map((rule) => ({
        CreatedAt: startedS,
        ModifiedAt: startedS,
        SamplingRule: { ...rule, RuleARN: `${arn}${rule.RuleName}`, Attributes: {} },
      }))
      return say(200, { NextToken: null, SamplingRuleRecords })
    }
    if (operation === 'POST /SamplingTargets') {
      const documents = body?.SamplingStatisticsDocuments
      if (!Array.isArray(documents) || !documents.every(isFields)) {
        return say(400, { __type: 'InvalidRequestException', message: 'SamplingStatisticsDocuments is missing' })
      }
      const nowS = Math.floor(Date.now() / 1000)
      const targets = documents.slice(0, 25).map((document) => targetOf(document, nowS))
      return say(200, {
        LastRuleModification: startedS,
        SamplingTargetDocuments: targets.filter((target) => !('ErrorCode' in target)),
        UnprocessedStatistics: targets.filter((target) => 'ErrorCode' in target),
      })
    }
    response.writeHead(403).end()
  }
}

const arn = 'arn:aws:xray:us-east-1:000000000000:sampling-rule/'

const parse = (body: Uint8Array): Fields | null => {
  try {
    const value: unknown = JSON.parse(Buffer.from(body).toString())
    return isFields(value) ? value : null
  } catch {
    return null
  }
}

const spoken = (status: number, type: string, message: string, headers = {}) => ({
  status,
  headers: { 'content-type': 'application/json', 'x-amzn-errortype': type, ...headers },
  body: JSON.stringify({ __type: type, message }),
})

/** As X-Ray says it through the daemon: it has no 401. */
export const xrayRefusing: Refusing = {
  401: () => spoken(403, 'UnrecognizedClientException', 'The security token included in the request is invalid.'),
  429: () => spoken(429, 'ThrottledException', 'Rate exceeded', { 'retry-after': '2' }),
  500: () => spoken(500, 'InternalFailure', 'An internal failure occurred.'),
}
