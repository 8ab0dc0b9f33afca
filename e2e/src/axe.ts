import axe, { type Result } from 'axe-core'
import type { Page } from 'playwright-core'

type WithAxe = typeof globalThis & { axe?: typeof axe }

const wcagRules = { 'target-size': { enabled: true }, 'label-content-name-mismatch': { enabled: true } }

/** What axe finds wrong with the page as it is now: by all rules, or by those that are named. */
export const axeFaultsOf = async (page: Page, only?: string[]): Promise<string[]> => {
  const hasAxe = await page.evaluate(() => 'axe' in globalThis)
  if (!hasAxe) await page.evaluate(axe.source)
  const violations = await page.evaluate(
    // Without what axe could tell of all that is right, and without fetching the styles again, it takes a third of the time.
    async (options) => (await (globalThis as WithAxe).axe?.run(document, options))?.violations ?? [],
    { ...(only ? { runOnly: only } : { rules: wcagRules }), resultTypes: ['violations' as const], preload: false },
  )
  return violations.map(inWords)
}

const inWords = ({ id, help, nodes }: Result): string =>
  `${id}: ${help}: ${nodes.map(({ html, failureSummary }) => `${html.slice(0, 120)} ${failureSummary}`).join(' ')}`
