// npm run aws:xray [-- --dry-run --timeout 30]    sets X-Ray's sampling rule and group to what aws/json says
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import {
  CreateGroupCommand,
  CreateSamplingRuleCommand,
  paginateGetGroups,
  paginateGetSamplingRules,
  UpdateGroupCommand,
  UpdateSamplingRuleCommand,
  XRayClient,
} from '@aws-sdk/client-xray'
import { Refusal, refuse } from '../scripts/refusal.mjs'

const badKey = new Set([
  'UnrecognizedClientException',
  'InvalidClientTokenId',
  'InvalidSignatureException',
  'SignatureDoesNotMatch',
  'ExpiredTokenException',
  'IncompleteSignatureException',
  'MissingAuthenticationTokenException',
])

let dryRun = false
try {
  const { values } = parseArgs({
    options: { 'dry-run': { type: 'boolean', default: false }, timeout: { type: 'string', default: '30' } },
  })
  dryRun = values['dry-run']
  const client = new XRayClient({ maxAttempts: 3 })
  const deadline = AbortSignal.timeout(Number(values.timeout) * 1000)
  for (const resource of [samplingRule(), group()])
    say(resource.label, await settle(client, resource, { deadline, dryRun }))
} catch (error) {
  if (dryRun) showAll(sentence(error))
  else refuse(new Refusal(sentence(error)))
}

/** A dry run that cannot reach X-Ray shows the whole rule and group. */
function showAll(why) {
  say('not compared with X-Ray', why)
  for (const { label, all } of [samplingRule(), group()])
    say(label, `would be created or updated to ${JSON.stringify(all)}`)
}

function samplingRule() {
  const { SamplingRule } = definition('xray.json')
  const { Version: _fixedAtCreation, ...wanted } = SamplingRule
  return {
    label: `sampling rule ${wanted.RuleName}`,
    all: SamplingRule,
    wanted,
    list: paginateGetSamplingRules,
    pick: (page) =>
      page.SamplingRuleRecords?.find((record) => record.SamplingRule?.RuleName === wanted.RuleName)?.SamplingRule,
    create: () => new CreateSamplingRuleCommand({ SamplingRule }),
    update: () => new UpdateSamplingRuleCommand({ SamplingRuleUpdate: wanted }),
  }
}

function group() {
  const wanted = definition('xray-group.json')
  return {
    label: `group ${wanted.GroupName}`,
    all: wanted,
    wanted,
    list: paginateGetGroups,
    pick: (page) => page.Groups?.find((there) => there.GroupName === wanted.GroupName),
    create: () => new CreateGroupCommand(wanted),
    update: () => new UpdateGroupCommand(wanted),
  }
}

async function settle(client, { wanted, list, pick, create, update }, { deadline, dryRun }) {
  const change = async (command, done) => {
    if (dryRun) return `would be ${done}`
    await client.send(command, { abortSignal: deadline })
    return done
  }
  const there = await firstOf(list({ client }, {}, { abortSignal: deadline }), pick)
  if (!there) return change(create(), 'created')
  const drifted = Object.keys(wanted).filter((key) => wanted[key] !== there[key])
  if (drifted.length === 0) return 'unchanged'
  const differences = drifted.map((key) => `${key} ${JSON.stringify(there[key])} → ${JSON.stringify(wanted[key])}`)
  return change(update(), `updated (${differences.join(', ')})`)
}

async function firstOf(pages, pick) {
  for await (const page of pages) {
    const found = pick(page)
    if (found) return found
  }
}

function definition(file) {
  return JSON.parse(readFileSync(new URL(`json/${file}`, import.meta.url), 'utf8'))
}

function say(what, outcome) {
  process.stdout.write(`${what}: ${outcome}\n`)
}

function sentence(error) {
  if (error.code?.startsWith?.('ERR_PARSE_ARGS')) return error.message
  if (badKey.has(error.name)) return `AWS refused the key: ${error.message} (${error.name})`
  if (error.name === 'AccessDeniedException') return `The key lacks a permission: ${error.message}`
  if (error.name === 'CredentialsProviderError')
    return 'No AWS key: put AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY into .env, or name a profile in AWS_PROFILE.'
  if (/^Region (is missing|not accepted: region="")/.test(error.message))
    return 'No AWS region: put AWS_REGION into .env.'
  if (error.name === 'AbortError' || error.name === 'TimeoutError')
    return 'X-Ray did not answer in time: try a longer --timeout.'
  if (error.code) return `X-Ray cannot be reached: ${error.message || error.code}`
  return `X-Ray refused the request: ${error.message} (${error.name})`
}
