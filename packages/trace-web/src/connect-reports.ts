import { reporting } from './faults.ts'

/** If an ad blocker stops the vendor's package, the reports are counted as dropped. */
export const connectReports = async (version: string | undefined): Promise<void> => {
  const { reports, queue } = reporting()
  if (!reports?.destination) return
  try {
    const { open } = await reports.load()
    queue.connect(open(reports, version))
  } catch {
    queue.connect(async () => ({ is: 'refused', problem: 'blocked', reason: 'blocked' }))
  }
}
