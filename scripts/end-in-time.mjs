import { isMainThread } from 'node:worker_threads'

// Loaded before a test file, with `?ms=` of time for it. The runner's own time limit fails a test, and then waits for ever for a process that does not go.
const isTestFile = isMainThread && /\.test\.[cm]?[jt]sx?$/.test(process.argv[1] ?? '')

if (isTestFile) {
  setTimeout(
    () => {
      process.stderr.write(`It does not end. What it waits for: ${process.getActiveResourcesInfo().join(', ')}\n`)
      process.exit(1)
    },
    Number(new URL(import.meta.url).searchParams.get('ms')),
  ).unref()
}
