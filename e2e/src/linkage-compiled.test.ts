// The whole matrix again, in a page without zone.js.
process.env.PAGE_CONTEXT = 'compiled'
await import('./linkage.test.ts')
