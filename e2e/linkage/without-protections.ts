import { takeProtectionsOut } from './without.ts'

takeProtectionsOut()
