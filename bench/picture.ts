import type { Estimate } from './statistics.ts'

export type Bar = Estimate & { readonly label: string }

const width = 720
const [left, right, top, step, thick] = [150, 145, 52, 34, 18]

const escaped = (text: string): string => text.replace(/[<>&]/g, (sign) => `&#${sign.charCodeAt(0)};`)

/** An SVG with a bar for each value and a line for its interval. It has a background, so it is readable on any page. */
export const drawBars = (title: string, bars: readonly Bar[]): string => {
  const most = Math.max(...bars.map(({ value, half }) => value + half))
  const x = (value: number) => (left + (Math.max(0, value) / most) * (width - left - right)).toFixed(1)
  const height = top + bars.length * step + 10
  const rows = bars.map(({ label, value, half }, at) => {
    const y = top + at * step
    const middle = y + thick / 2
    const [low, high] = [value - half, value + half]
    return `<text x="${left - 10}" y="${middle}" text-anchor="end">${escaped(label)}</text>
<rect class="bar" x="${left}" y="${y}" width="${(Number(x(value)) - left).toFixed(1)}" height="${thick}" rx="2"/>
<path class="interval" d="M${x(low)} ${middle}H${x(high)}M${x(low)} ${middle - 5}v10M${x(high)} ${middle - 5}v10"/>
<text x="${Number(x(high)) + 10}" y="${middle}">${value.toFixed(2)}${half > 0 ? ` <tspan class="quiet">± ${half.toFixed(2)}</tspan>` : ''}</text>`
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">
<title>${escaped(title)}</title>
<style>
text { font: 14px system-ui, sans-serif; fill: #1f2328; dominant-baseline: central }
.title { font-weight: 600 }
.quiet { fill: #59636e }
.page { fill: #fff }
.bar { fill: #4f7fc4 }
.interval { stroke: #1f2328; stroke-width: 1.5; fill: none }
@media (prefers-color-scheme: dark) {
text { fill: #f0f6fc }
.quiet { fill: #9198a1 }
.page { fill: #151b23 }
.interval { stroke: #f0f6fc }
}
</style>
<rect class="page" width="${width}" height="${height}" rx="8"/>
<text class="title" x="20" y="26">${escaped(title)}</text>
${rows.join('\n')}
</svg>
`
}
