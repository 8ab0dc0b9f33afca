import axe, { type Result } from 'axe-core'
import type { Page } from 'playwright-core'

type WithAxe = typeof globalThis & { axe?: typeof axe }

const wcagRules = { 'target-size': { enabled: true }, 'label-content-name-mismatch': { enabled: true } }

/** The faults that axe finds in the page as it is now, by all rules, or only by those in `only`. */
export const axeFaultsOf = async (page: Page, only?: string[]): Promise<string[]> => {
  const hasAxe = await page.evaluate(() => 'axe' in globalThis)
  if (!hasAxe) await page.evaluate(axe.source)
  const violations = await page.evaluate(
    // Without a list of the passed checks, and without fetching the styles again, axe takes a third of the time.
    async (options) => (await (globalThis as WithAxe).axe?.run(document, options))?.violations ?? [],
    { ...(only ? { runOnly: only } : { rules: wcagRules }), resultTypes: ['violations' as const], preload: false },
  )
  return violations.map(inWords)
}

const inWords = ({ id, help, nodes }: Result): string =>
  `${id}: ${help}: ${nodes.map(({ html, failureSummary }) => `${html.slice(0, 120)} ${failureSummary}`).join(' ')}`
