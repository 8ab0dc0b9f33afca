// npm run sampling [-- 1500]    performs that many actions, and shows what sampling keeps at four ratios
import { measureSampling } from './measure.ts'

const actions = Number(process.argv[2] ?? 1_500)
const cell = (estimated: number, truth: number): string =>
  `${estimated.toLocaleString('en')} of ${truth.toLocaleString('en')}`

console.log(
  '| ratio | traces kept | whole | failed, whole | actions, estimated | requests, estimated | failed, estimated |',
)
console.log('| ---: | ---: | ---: | ---: | ---: | ---: | ---: |')
for (const ratio of [1, 0.5, 0.1, 0.01]) {
  const { kept, whole, failedWhole, estimated, truth } = await measureSampling(ratio, actions)
  const cells = [
    ratio,
    kept,
    whole,
    cell(failedWhole, truth.failed),
    cell(estimated.actions, truth.actions),
    cell(estimated.requests, truth.requests),
    cell(estimated.failed, truth.failed),
  ]
  console.log(`| ${cells.join(' | ')} |`)
}
