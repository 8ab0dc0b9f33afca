/** How the page keeps the context of a click: PAGE_CONTEXT=zone or compiled. */
export const pageContext = (): 'zone' | 'compiled' => (process.env.PAGE_CONTEXT === 'compiled' ? 'compiled' : 'zone')

/** OTEL_SDK=3 builds the page with the packages that replace version 2 of the SDK. */
export const isSdk3 = (): boolean => process.env.OTEL_SDK === '3'

/** The name of the built page. Each variant has its own folder. */
export const pageVariant = (): string => (isSdk3() ? `${pageContext()}-sdk-3` : pageContext())
