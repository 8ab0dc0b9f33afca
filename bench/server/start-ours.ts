import './probe.ts'
import '../../backend/src/telemetry/start.ts'
