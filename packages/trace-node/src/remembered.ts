const longestText = 4_000

/** Remembers the results for texts that come again and again, such as statements. Forgets them all when there are too many. */
export const remembered = <Result>(compute: (text: string) => Result, most = 1_000): ((text: string) => Result) => {
  const known = new Map<string, Result>()
  return (text) => {
    const found = known.get(text)
    if (found !== undefined) return found
    const result = compute(text)
    if (known.size >= most) known.clear()
    if (text.length <= longestText) known.set(text, result)
    return result
  }
}
