import './probe.ts'
import { useInsteadOfTracing } from './stand-in.ts'

useInsteadOfTracing('./bare.ts')
