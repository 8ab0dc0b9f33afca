import { answerParent } from './remote.ts'
import { startVendors } from './vendors.ts'

answerParent(await startVendors())
