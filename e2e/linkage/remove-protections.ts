import { removeProtections } from './protections.ts'

removeProtections()
