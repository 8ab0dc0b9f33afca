export { traceFaults } from '../catch-faults.ts'
export { connectReports } from '../connect-reports.ts'
export { reportFaultsTo } from '../faults.ts'
export { RecentSpans } from '../recent-spans.ts'
