/** A statement keeps the shape that its author gave it, without the margin of the source file. */
export const withoutMargin = (sql: string): string => {
  const lines = sql
    .replace(/^\s*\n/, '')
    .trimEnd()
    .split('\n')
  const indented = lines.slice(lines[0]?.startsWith(' ') ? 0 : 1).filter((line) => line.trim() !== '')
  const margin = Math.min(...indented.map((line) => line.length - line.trimStart().length))
  return lines.map((line) => (line.slice(0, margin).trim() === '' ? line.slice(margin) : line)).join('\n')
}
