/** The names that the page, the server and the viewers share. */

// Read from another object, a name would keep that object and its own in the page, even if the page uses neither.
const userId = 'app.user_id'
const rollbarUuid = 'app.rollbar_uuid'
const endedBy = 'app.ended_by'
const sessionId = 'session.id'
const rating = 'browser.web_vital.rating'

export const attr = {
  userId,
  /** The Rollbar item about the fault of this span. */
  rollbarUuid,
  /** Set when a timeout, a crash or leaving the page ended the span. */
  endedBy,
} as const

/** Set by the page on its own spans, with the name from the semantic conventions where there is one. */
export const browserAttr = {
  sessionId,
  userId,
  pageRoute: 'page.route',
  urlTemplate: 'url.template',
  interactionType: 'app.interaction.type',
  endedBy,
  /** The action reached its time limit while this still ran. */
  outlivedRoot: 'app.outlived_root',
  cancelled: 'app.cancelled',
  /** Page, network and server time, as times.ts defines them: of an action on its root, of a request on its span. */
  pageMs: 'app.page_ms',
  networkMs: 'app.network_ms',
  serverMs: 'app.server_ms',
  /** The page time of a request. */
  beforeSendMs: 'app.before_send_ms',
  connectMs: 'app.connect_ms',
  waitMs: 'app.wait_ms',
  downloadMs: 'app.download_ms',
  /** The server's clock minus the browser's, estimated from this request, and how far that may be off. */
  clockOffsetMs: 'app.clock_offset_ms',
  clockOffsetErrorMs: 'app.clock_offset_error_ms',
  /** The file that the page loaded, without the hash in its name. */
  resourceFile: 'app.resource_file',
  viewport: 'app.viewport',
  /** The phases of an action that made the user wait: before its listeners, in them, and until the result was painted. */
  inputDelayMs: 'app.interaction.input_delay_ms',
  processingMs: 'app.interaction.processing_ms',
  presentationMs: 'app.interaction.presentation_ms',
} as const

/** The conventions' name for the user, in addition to our own. Not set when no user is signed in. */
export const userIdKey = 'user.id'

/** Set by the relay on spans from a browser, never by the page itself. */
export const relayAttr = {
  telemetryOrigin: 'app.telemetry_origin',
  /** How far the whole batch was moved, because the page's clock was wrong. */
  clockShiftMs: 'app.clock_shift_ms',
} as const

/** The fields of a log line, and their names in an OTLP record. */
export const logAttr = {
  duration_ms: 'app.duration_ms',
  error: 'exception.stacktrace',
  method: 'http.request.method',
  open_traces: 'app.open_traces',
  origin: 'app.crash_origin',
  path: 'url.path',
  reason: 'app.reason',
  remote_address: 'client.address',
  rollbar_uuid: rollbarUuid,
  route: 'http.route',
  scheme: 'url.scheme',
  session_id: sessionId,
  status: 'http.response.status_code',
  user_id: userId,
  wait_ms: 'app.wait_ms',
} as const

/** The conventions' names for a web vital. */
export const webVitalAttr = {
  name: 'browser.web_vital.name',
  value: 'browser.web_vital.value',
  delta: 'browser.web_vital.delta',
  id: 'browser.web_vital.id',
  rating,
  navigationType: 'browser.web_vital.navigation_type',
} as const

/** Our own metrics and their attributes; those of the instrumentations have standard names. */
export const metricName = {
  signalCreated: 'app.signal.created',
  signalDelivered: 'app.signal.delivered',
  signalDropped: 'app.signal.dropped',
  signalQueued: 'app.signal.queued',
  cls: 'app.web_vital.cls',
  fcp: 'app.web_vital.fcp',
  inp: 'app.web_vital.inp',
  lcp: 'app.web_vital.lcp',
  ttfb: 'app.web_vital.ttfb',
} as const
export const metricAttr = {
  signalName: 'app.signal.name',
  signalDropReason: 'app.signal.drop_reason',
  vitalRating: rating,
} as const

/** A script in a long frame of a slow action. */
export const scriptAttr = {
  url: 'app.script.url',
  function: 'app.script.function',
  position: 'app.script.position',
  /** Such as `BUTTON.onclick` or `Window.fetch.then`. */
  invoker: 'app.script.invoker',
  durationMs: 'app.script.duration_ms',
  forcedLayoutMs: 'app.script.forced_layout_ms',
} as const

/** Events of the page's spans. */
export const eventName = { script: 'app.script', webVital: 'browser.web_vital' } as const

/** Spans of the page that are neither actions nor requests. */
export const pageSpan = { vitals: 'visit vitals' } as const

/** Set by the backend on both halves when it samples: how many traces this one stands for. */
export const samplingAttr = { sampleRate: 'SampleRate' } as const

/** Requests, actions and background tasks that take this long are always kept, as failures are. */
export const slowMs = 1_000

/** Where the page's own server sends its spans. It forwards no request to this path. */
export const hopsPath = '/hops/v1/traces'

/** Where the page sends its spans, always at its own origin. */
export const relayPath = '/relay/v1/traces'
/** The largest body that the relay accepts. No other route accepts a larger one. */
export const relayLimitBytes = 256 * 1024

/** The secret of the page's visit. The visit's id, `session.id`, is its hash: see `visitIdOf`. */
export const visitHeader = 'x-visit'

/** The page's clock when it sends, in milliseconds since 1970: this tells a wrong clock from a long wait. */
export const sentAtHeader = 'x-sent-at'

/**
 * The `Server-Timing` header of an answer.
 * `total;dur=12.3, at;desc="1795214400000.5", traceparent;desc="00-…-01"` comes from the backend: how long it took, when
 * it began by its own clock, its span, and whether it keeps its half of the trace (01) or not (00). `proxy;dur=14.1`
 * comes from the page's own server, when there is one in between.
 */
export const serverTiming = { total: 'total', at: 'at', backendSpan: 'traceparent', proxy: 'proxy' } as const
