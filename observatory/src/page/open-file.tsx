import { go } from './address.ts'

/** Opens a trace that was saved here, or one in OTLP JSON. */
export const OpenFile = ({ onProblem }: { onProblem: (words: string) => void }) => {
  const open = async (file: File | undefined) => {
    if (!file) return
    const request = { method: 'POST', headers: { 'content-type': 'application/json' }, body: file }
    try {
      const answer = await fetch('/api/traces', request)
      const { traceIds, message } = (await answer.json()) as { traceIds?: string[]; message?: string }
      if (traceIds?.[0]) go(`/traces/${traceIds[0]}`)
      else onProblem(message ?? 'There is no trace in this file.')
    } catch {
      onProblem('The observatory does not answer. Is it still running?')
    }
  }
  return (
    <label className="button">
      Open a file
      <input
        type="file"
        accept=".json,application/json"
        className="unseen"
        onChange={({ currentTarget: input }) => {
          void open(input.files?.[0])
          input.value = ''
        }}
      />
    </label>
  )
}
