import { createLoad } from './load.ts'
import { answerParent } from './remote.ts'

answerParent(createLoad(Number(process.argv[2])))
