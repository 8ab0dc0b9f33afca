const unknownClient = 'Unknown browser'

// Each says that it is one of those below it, too.
const browsers = [
  [/\bEdgA?(?:iOS)?\//, 'Edge'],
  [/\bOPR\//, 'Opera'],
  [/\bSamsungBrowser\//, 'Samsung Internet'],
  [/\b(?:Firefox|FxiOS)\//, 'Firefox'],
  [/\b(?:Headless)?(?:Chrome|CriOS)\//, 'Chrome'],
  [/\bVersion\/[\d.]+ .*\bSafari\//, 'Safari'],
] as const

const systems = [
  [/\biPhone\b/, 'iPhone'],
  [/\biPad\b/, 'iPad'],
  [/\bAndroid\b/, 'Android'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\bWindows\b/, 'Windows'],
  [/\bMac(?:intosh| OS X)\b/, 'macOS'],
  [/\bLinux\b/, 'Linux'],
] as const

/** For people to know their own sessions by. Words of ours only: nothing of what was sent is kept. */
export const clientOf = (userAgent = ''): string => {
  const said = userAgent.slice(0, 500)
  const nameIn = (list: typeof browsers | typeof systems) => list.find(([pattern]) => pattern.test(said))?.[1]
  const browser = nameIn(browsers)
  const system = nameIn(systems)
  if (!browser) return unknownClient
  return system ? `${browser} on ${system}` : browser
}
