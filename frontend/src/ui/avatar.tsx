const hash = (text: string): number => {
  let value = 2166136261
  for (const character of text) value = Math.imul(value ^ (character.codePointAt(0) as number), 16777619)
  return value >>> 0
}

const hues = [262, 286, 312, 338, 14, 34, 168, 190, 212, 236]

/** Drawn from the handle alone, so there is nothing to fetch. */
export const Avatar = ({ handle, size = 44 }: { handle: string; size?: number }) => {
  const seed = hash(handle)
  const hue = hues[seed % hues.length] as number
  const turn = (seed >>> 8) % 360
  const reach = 5 + ((seed >>> 17) % 6)
  return (
    <svg className="avatar" viewBox="0 0 44 44" width={size} height={size} aria-hidden="true">
      <rect width="44" height="44" fill={`hsl(${hue} 52% 34%)`} />
      <g transform={`rotate(${turn} 22 22)`}>
        <circle cx="22" cy={reach} r="15" fill={`hsl(${(hue + 28) % 360} 62% 46%)`} />
        <circle cx={40 - reach} cy="37" r="11" fill={`hsl(${(hue + 330) % 360} 58% 24%)`} />
      </g>
      <text x="22" y="29" textAnchor="middle" fontSize="20" fontWeight="700" fill="#fff">
        {handle.charAt(0).toUpperCase()}
      </text>
    </svg>
  )
}
