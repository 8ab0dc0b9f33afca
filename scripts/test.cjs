require('./set-up.cjs').run('test.mjs')
