/** Every span, attribute and service name that is ours. A name that is not here cannot be used: the type checker refuses it. */

export const serviceName = {
  frontend: 'cruddur-frontend',
  /** The page's own server, through which its requests pass. */
  frontendServer: 'cruddur-frontend-server',
  backend: 'cruddur-backend',
} as const

export const spanName = {
  homeFeed: 'activity.home',
  userActivities: 'activity.user_activities',
  activityShow: 'activity.show',
  activitySearch: 'activity.search',
  activityCreate: 'activity.create',
  activityReply: 'activity.reply',
  activityDelete: 'activity.delete',
  activityLike: 'activity.like',
  activityUnlike: 'activity.unlike',
  activityRepost: 'activity.repost',
  activityUnrepost: 'activity.unrepost',
  activitySweep: 'activity.sweep',
  trends: 'activity.trends',
  userShort: 'user.short',
  userSuggest: 'user.suggest',
  userUpdate: 'user.update',
  userFollow: 'user.follow',
  userUnfollow: 'user.unfollow',
  notificationList: 'notification.list',
  notificationRead: 'notification.read',
  notificationCount: 'notification.count',
  messageGroups: 'message.groups',
  messageThread: 'message.thread',
  messageSend: 'message.send',
  messageRead: 'message.read',
  sessionAuthenticate: 'session.authenticate',
  sessionRead: 'session.read',
  sessionSignUp: 'session.sign_up',
  sessionSignIn: 'session.sign_in',
  sessionActAs: 'session.act_as',
  sessionSignOut: 'session.sign_out',
  sessionList: 'session.list',
  sessionEnd: 'session.end',
  accountPassword: 'account.password',
  accountErase: 'account.erase',
  accountExport: 'account.export',
  liveOpen: 'live.open',
  liveDeliver: 'live.deliver',
} as const
export type SpanName = (typeof spanName)[keyof typeof spanName]

/** What can be done on the page, as `data-trace` says it. The span's name is the event and the act: `click like`. */
export const pageActs = [
  'account',
  'act as',
  'actions',
  'ask delete',
  'ask erase account',
  'ask sign out elsewhere',
  'back',
  'break a promise',
  'break the server',
  'break this page',
  'cancel',
  'change password',
  'choose',
  'choose expiry',
  'close dialog',
  'compose',
  'conversations',
  'copy reference',
  'delete',
  'discard',
  'discard message',
  'dismiss',
  'edit',
  'edit profile',
  'erase account',
  'everyone',
  'export account',
  'follow',
  'following',
  'go home',
  'go to sign in',
  'go to sign up',
  'hashtag',
  'have account',
  'home',
  'like',
  'load more',
  'load older',
  'make account',
  'mention',
  'message',
  'messages',
  'new message',
  'notifications',
  'open conversation',
  'open crud',
  'open link',
  'open notification',
  'open profile',
  'post',
  'profile',
  'reply',
  'repost',
  'retry',
  'retry suggested',
  'retry trends',
  'save profile',
  'search',
  'search page',
  'see the trace',
  'send message',
  'send reply',
  'sessions',
  'settings',
  'share',
  'show all replies',
  'show new',
  'show password',
  'sign in',
  'sign out',
  'sign out elsewhere',
  'sign out there',
  'sign up',
  'signals',
  'skip',
  'theme',
  'trend',
  'try message again',
  'try now',
  'undo repost',
  'unfollow',
  'unlike',
] as const
export type PageAct = (typeof pageActs)[number]

/** What the page does where no event of the user's says so. */
export const ownActions = ['scroll load more', 'scroll load older', 'outbox send waiting'] as const
export type OwnAction = (typeof ownActions)[number]

/** What the page does by itself. `live …` reads anew because of an event; the kinds are those of `LiveEvent`. */
export const backgroundActions = [
  'live activity',
  'live counts',
  'live followers',
  'live gone',
  'live message',
  'live message-read',
  'live notifications',
  'live profile',
  'live resync',
  'live signed-out',
  'page background',
  'page focus',
  'page poll',
  'page reconnect',
  'sync session',
] as const
export type BackgroundAction = (typeof backgroundActions)[number]

export const attr = {
  now: 'app.now',
  resultLength: 'app.result_length',
  userId: 'app.user_id',
  activityUuid: 'app.activity_uuid',
  likesCount: 'app.likes_count',
  repliesCount: 'app.replies_count',
  repostsCount: 'app.reposts_count',
  /** Characters, never the text. */
  activityLength: 'app.activity_length',
  messageLength: 'app.message_length',
  searchTermLength: 'app.search_term_length',
  /** Words, a hashtag or a handle. */
  searchKind: 'app.search_kind',
  feed: 'app.feed',
  ttl: 'app.ttl',
  replyToActivityUuid: 'app.reply_to_activity_uuid',
  mentionsCount: 'app.mentions_count',
  hashtagsCount: 'app.hashtags_count',
  /** Whose page, profile or conversation it is about. */
  otherUserId: 'app.other_user_id',
  messageGroupUuid: 'app.message_group_uuid',
  unreadCount: 'app.unread_count',
  sessionsCount: 'app.sessions_count',
  liveKind: 'app.live.kind',
  liveListeners: 'app.live.listeners',
  /** A repetition of a request that had been done: nothing was done again. */
  repeated: 'app.repeated',
  changed: 'app.changed',
  /** The Rollbar item about the fault of this span. */
  rollbarUuid: 'app.rollbar_uuid',
  /** Not by its own end, but by a timeout, a page that was left or a crash. */
  endedBy: 'app.ended_by',
} as const
export type AttributeKey = (typeof attr)[keyof typeof attr]

/** Set by the page on its own spans; semantic conventions where one exists. */
export const browserAttr = {
  sessionId: 'session.id',
  userId: attr.userId,
  pageRoute: 'page.route',
  urlTemplate: 'url.template',
  interactionType: 'app.interaction.type',
  endedBy: attr.endedBy,
  /** The action came to its limit of time while this still ran. */
  outlivedRoot: 'app.outlived_root',
  cancelled: 'app.cancelled',
  /** Page, network and server time, as shared/src/times.ts defines them: of an action on its root, of a request on its span. */
  pageMs: 'app.page_ms',
  networkMs: 'app.network_ms',
  serverMs: 'app.server_ms',
  /** The page time of a request. */
  beforeSendMs: 'app.before_send_ms',
  connectMs: 'app.connect_ms',
  waitMs: 'app.wait_ms',
  downloadMs: 'app.download_ms',
  /** Server clock less browser clock, as this very request tells it, and by how much that may be wrong either way. */
  clockOffsetMs: 'app.clock_offset_ms',
  clockOffsetErrorMs: 'app.clock_offset_error_ms',
  /** What the page loaded by itself, without the hash that the build puts into its name. */
  resourceFile: 'app.resource_file',
  viewport: 'app.viewport',
  /** Of an action that made the user wait: until its listeners ran, while they ran, and until its result was painted. */
  inputDelayMs: 'app.interaction.input_delay_ms',
  processingMs: 'app.interaction.processing_ms',
  presentationMs: 'app.interaction.presentation_ms',
} as const

/** The conventions' name for who it was, beside our own: never for somebody who is not signed in. */
export const userIdKey = 'user.id'

/** Set by the relay on what came from a browser: never by the page itself. */
export const relayAttr = {
  telemetryOrigin: 'app.telemetry_origin',
  /** The page's clock was wrong: by so much its whole batch was moved to fit the server's. */
  clockShiftMs: 'app.clock_shift_ms',
} as const

/** What a log line calls it, and what its OTLP record does. */
export const logAttr = {
  duration_ms: 'app.duration_ms',
  error: 'exception.stacktrace',
  kind: attr.liveKind,
  listeners: attr.liveListeners,
  method: 'http.request.method',
  open_traces: 'app.open_traces',
  origin: 'app.crash_origin',
  path: 'url.path',
  reason: 'app.reason',
  remote_address: 'client.address',
  result_length: attr.resultLength,
  rollbar_uuid: attr.rollbarUuid,
  route: 'http.route',
  scheme: 'url.scheme',
  status: 'http.response.status_code',
  user_id: attr.userId,
  wait_ms: 'app.wait_ms',
} as const
export type LogField = keyof typeof logAttr

/** The conventions' names for a web vital. */
export const webVitalAttr = {
  name: 'browser.web_vital.name',
  value: 'browser.web_vital.value',
  delta: 'browser.web_vital.delta',
  id: 'browser.web_vital.id',
  rating: 'browser.web_vital.rating',
  navigationType: 'browser.web_vital.navigation_type',
} as const

/** Metrics of our own, and their attributes: the instrumentations have standard ones. */
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
  vitalRating: webVitalAttr.rating,
} as const

/** A script in the long frame of a slow action. */
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

/** Spans of the page that are no action and no request. */
export const pageSpan = { vitals: 'visit vitals' } as const

/** Set by the backend on the spans of both halves, where not every trace is kept: how many traces this one stands for. */
export const samplingAttr = { sampleRate: 'SampleRate' } as const

/** A request, an action or a background task that took so long is kept like one that failed, whatever the sampling. */
export const slowMs = 1_000

/** Where the page's own server posts its spans. It forwards no request to this path. */
export const hopsPath = '/hops/v1/traces'

/** Where the page posts its spans: always its own origin. */
export const relayPath = '/relay/v1/traces'
/** The largest body that the relay takes, which takes the largest of all. */
export const relayLimitBytes = 256 * 1024

/** The page's clock at the moment of sending, in milliseconds since the epoch: it tells a wrong clock from a long wait. */
export const sentAtHeader = 'x-sent-at'

/**
 * What our servers say of an answer, in its `Server-Timing` header:
 * `total;dur=12.3, at;desc="1795214400000.5", traceparent;desc="00-…-01"` by the backend: how long it took, when it began
 * by its own clock, its span, and whether it keeps its half of the trace (01) or not (00); `proxy;dur=14.1` by the page's
 * own server, where there is one in between.
 */
export const serverTiming = { total: 'total', at: 'at', backendSpan: 'traceparent', proxy: 'proxy' } as const
