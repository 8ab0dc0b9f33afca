import { isMainThread } from 'node:worker_threads'

/** Whether this process runs a test file. What the test forks inherits our imports, and is none. */
export const isTestFile = isMainThread && /\.test\.[cm]?[jt]sx?$/.test(process.argv[1] ?? '')
