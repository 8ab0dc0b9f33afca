// Runs in its own process, so that a busy attacker does not slow the user down.
import type { Attack, Target } from './attack.ts'

const [file = '', addresses = ''] = process.argv.slice(2)
const { attack } = (await import(file)) as { attack: Attack }
let output = ''
process.on('message', (text: string) => {
  output += text
})
const target: Target = { ...(JSON.parse(addresses) as Omit<Target, 'output'>), output: () => output }
const result = await attack.run(target)
process.send?.(result, () => process.exit(0))
