import { startRollbar } from '@cruddur/vendor-doubles'

/** The fields of a Rollbar item that the tests look at. */
export type CollectedItem = {
  uuid: string
  level: string
  environment: string
  context: string
  person?: { id: string }
  request: { url: string }
  client: { javascript: { code_version: string } }
  custom: Record<string, unknown>
  body: {
    trace?: { exception: { class: string; message: string }; frames: { filename: string }[] }
    telemetry: { type: string; body: Record<string, unknown> }[]
  }
}

export type ItemCollector = Awaited<ReturnType<typeof startItemCollector>>

/** Rollbar's API for items on a free port. */
export const startItemCollector = (token: string) => startRollbar<CollectedItem>({ token })
