// HOT: runs per request. Measure before and after.
// Longer than most files on purpose: the whole life of a request, in the order in which it happens.
import { AUTHORITY, METHOD, PATH, PATH_REFUSED, pickCluster, type RequestView } from '@fairlead/core/routing'
import {
  RESET_LOCAL,
  RESET_PROTOCOL,
  RESET_REMOTE,
  type ClientExchange,
  type ResetReason,
  type ServerExchange,
  type ServerExchangeOwner,
} from '../http/exchange.js'
import { type FieldEdits, type HeadEdits, type LocalReply, type RequestEdits, type ResponseHead } from '../http/head.js'
import {
  FLAG_UPSTREAM_CONNECTION_TERMINATION,
  FLAG_UPSTREAM_PROTOCOL_ERROR,
  FLAG_UPSTREAM_REQUEST_TIMEOUT,
  FLAG_STREAM_IDLE_TIMEOUT,
  FLAG_UPSTREAM_RETRY_LIMIT_EXCEEDED,
} from '../http/outcome.js'
import { ascii, equalsLower } from '../io/byte-classes.js'
import { Timer, type TimerOwner } from '../io/timer-wheel.js'
import { type Cluster } from '../upstream/cluster.js'
import {
  UPSTREAM_RQ_ACTIVE,
  UPSTREAM_RQ_CLASS,
  UPSTREAM_RQ_PER_TRY_TIMEOUT,
  UPSTREAM_RQ_RETRY,
  UPSTREAM_RQ_RETRY_LIMIT_EXCEEDED,
  UPSTREAM_RQ_RX_RESET,
  UPSTREAM_RQ_TIMEOUT,
  UPSTREAM_RQ_TOTAL,
  UPSTREAM_RQ_TX_RESET,
} from '../upstream/cluster-stats.js'
import { LEASE_TIMED_OUT, type LeaseFailure } from '../upstream/connection-pool.js'
import { type Host } from '../upstream/host.js'
import { type Entrance } from './entrance.js'
import {
  CONNECT_FAILED,
  CONNECT_TIMED_OUT,
  downstreamResetFlag,
  FAILURES,
  METHOD_NOT_ALLOWED,
  NO_AUTHORITY,
  NO_CLUSTER,
  NO_HOST,
  PATH_UNFIT,
  POOL_OVERFLOW,
  REQUEST_IDLE,
  REQUEST_TIMED_OUT,
  RESPONSE_IDLE,
  TRY_TIMED_OUT,
  UPSTREAM_BROKE_PROTOCOL,
  UPSTREAM_CLOSED,
  UPSTREAM_CLOSED_UNTOUCHED,
  UPSTREAM_GIVEN_UP,
  type Failure,
} from './failures.js'
import { findPlan, originalPort } from './find-plan.js'
import { ForwardedFields } from './forwarded-fields.js'
import { type HttpProxy, type ProxyEnvironment } from './http-proxy.js'
import {
  DOWNSTREAM_RQ_ACTIVE,
  DOWNSTREAM_RQ_CLASS,
  DOWNSTREAM_RQ_RX_RESET,
  DOWNSTREAM_RQ_TOTAL,
  recordOutcome,
  RETAINED_BODY_BYTES,
  RETRIES_GIVEN_UP,
} from './http-stats.js'
import { RetainedBody } from './retained-body.js'
import { type AnswerPlan, type Destination, type ForwardPlan } from './route-plan.js'
import { Tunnel, type TunnelOwner } from './tunnel.js'
import { UpstreamTry } from './upstream-try.js'

/** Not in use, or a route is being chosen. */
const CHOOSING = 0
/** For a connection. */
const WAITING = 1
/** A try is under way; its answer has not begun. */
const SENT = 2
const BACKING_OFF = 3
/** The upstream's answer is on its way to the client. */
const RESPONDING = 4
/** The answer was 101: a tunnel does the rest, and tells when it is over. */
const TUNNELLING = 5
/** The whole answer was handed over; only the client's side is still to end. */
const ANSWERED = 6

/** No time yet. */
const NEVER = -1
const TRACE = ascii('trace')

/** Pooled connections found dead before a byte was sent, that one request steps over. The next try is a fresh one. */
const STALE_MAX = 3

/**
 * One request from its head to its last byte, read from top to bottom: find the plan, choose a destination, try (again),
 * pass the answer on, count. Pooled; the plain path allocates nothing. After the call that hands over the last byte of
 * an answer the object may already serve another request, so such calls are always last.
 */
export class ProxiedRequest implements ServerExchangeOwner, TunnelOwner, TimerOwner {
  private phase = CHOOSING
  private exchange: ServerExchange | null = null
  private entrance: Entrance | null = null
  private plan: ForwardPlan | null = null
  private destination: Destination | null = null
  private cluster: Cluster | null = null
  private host: Host | null = null
  /** Of the try that ended last. */
  private lastHost: Host | null = null
  private upstream: ClientExchange | null = null
  private readonly currentTry: UpstreamTry
  private readonly fields: ForwardedFields
  private readonly edits: RequestEdits
  private readonly answerEdits: HeadEdits = { fields: null, own: null }
  /** The route's timeout: all tries together. */
  private readonly timeout: Timer
  /** Per-try timeout, or the back-off before the next try. */
  private readonly tryTimer: Timer
  private readonly tried: Host[] = []
  private retriesLeft = 0
  private retriesMade = 0
  private staleTries = 0
  /** Within `begin`: the head's ranges are still valid though it was not retained. */
  private headIsFresh = false
  private headIsRetained = false
  private bodyBegun = false
  private bodyEnded = false
  /** We said `false` to the client's codec and owe it a `resumeRequestBody`. */
  private bodyPaused = false
  private keepsBody = false
  private readonly body = new RetainedBody()
  private status = 0
  private flags = 0
  private startedMs = 0
  /** When the request's last byte was there. */
  private completeMs = NEVER
  private tryStartedMs = 0
  /** When the tunnel began. */
  private tunnelStartedMs = 0

  constructor(
    private readonly proxy: HttpProxy,
    private readonly env: ProxyEnvironment,
  ) {
    this.currentTry = new UpstreamTry(this)
    this.fields = new ForwardedFields(proxy.requestIds)
    this.edits = { target: null, authority: null, fields: null, own: this.fields, upgrade: false }
    this.timeout = new Timer(env.wheel, this)
    this.tryTimer = new Timer(env.wheel, this)
  }

  // ---- the request's head ----

  begin(exchange: ServerExchange, entrance: Entrance): void {
    const { stats } = entrance
    exchange.owner = this
    this.exchange = exchange
    this.entrance = entrance
    this.startedMs = this.env.clock()
    this.bodyEnded = exchange.request.bodyLength === 0
    if (this.bodyEnded) this.completeMs = this.startedMs
    stats.add(DOWNSTREAM_RQ_TOTAL, 1)
    stats.add(DOWNSTREAM_RQ_ACTIVE, 1)
    this.headIsFresh = true
    this.follow(exchange, entrance)
    this.headIsFresh = false
  }

  private follow(exchange: ServerExchange, entrance: Entrance): void {
    const { request } = exchange
    // A stranger's request comes back to him with all that proxies added to it (RFC 9110 9.3.8).
    if (entrance.rules.isEdge && isTrace(request)) return this.fail(METHOD_NOT_ALLOWED)
    if (!this.normalizePath(request)) return this.fail(PATH_UNFIT)
    const plan = findPlan(this.env.live.current, entrance, exchange.connection, request, this.fields)
    switch (plan.kind) {
      case 'forward':
        return this.forward(plan, exchange, entrance)
      case 'answer':
        return this.answerHere(plan, exchange, entrance)
      case 'fail':
        return this.fail(plan.failure)
    }
  }

  /** What is matched, rewritten and forwarded is the one path that is left in the head. */
  private normalizePath({ bytes, ranges }: RequestView): boolean {
    const { pathNormalizer } = this.env
    if (pathNormalizer === null) return true
    const end = pathNormalizer.normalize(bytes, ranges[PATH]!, ranges[PATH + 1]!)
    if (end === PATH_REFUSED) return false
    ranges[PATH + 1] = end
    return true
  }

  private answerHere(plan: AnswerPlan, exchange: ServerExchange, entrance: Entrance): void {
    if (plan.reply !== null) return this.reply(plan.reply, plan.edits)
    const { request, connection } = exchange
    this.fields.receive(request, entrance.rules)
    const isSecure = this.fields.isSecure(request, connection)
    const port = originalPort(entrance, request)
    this.reply(plan.redirect!.reply(request, entrance.authority, port, isSecure), plan.edits)
  }

  private forward(plan: ForwardPlan, exchange: ServerExchange, entrance: Entrance): void {
    const { request } = exchange
    const { destinations } = plan
    const drawn = destinations.length === 1 ? 0 : pickCluster(plan.weightSums, this.env.random())
    const destination = destinations[drawn]!
    const cluster = this.env.live.current!.clusters.get(destination.cluster)
    if (cluster === undefined) return this.fail(NO_CLUSTER)
    const authority = destination.authority ?? entrance.authority
    if (authority === null && request.ranges[AUTHORITY] === -1) return this.fail(NO_AUTHORITY)
    this.plan = plan
    this.destination = destination
    this.cluster = cluster
    this.retriesLeft = plan.retry === null ? 0 : plan.retry.attempts
    this.edits.target = plan.target === null ? null : plan.target.apply(request)
    this.edits.authority = authority
    this.edits.fields = destination.requestEdits
    this.edits.upgrade = request.upgrade
    this.describeHop(plan, destination, exchange, entrance)
    // As in Envoy the route's timeout runs from the end of the request.
    if (this.bodyEnded && plan.timeoutMs > 0) this.timeout.arm(plan.timeoutMs)
    this.startTry(plan, cluster)
  }

  private describeHop(plan: ForwardPlan, destination: Destination, exchange: ServerExchange, entrance: Entrance): void {
    const { fields } = this
    const { request } = exchange
    fields.receive(request, entrance.rules)
    fields.open(request, exchange.connection, destination.omitted)
    if (destination.authority !== null) fields.addForwardedHost(request, entrance.authority)
    if (plan.target !== null) fields.addOriginalPath(request)
  }

  // ---- a try: host, connection, head, body ----

  private startTry(plan: ForwardPlan, cluster: Cluster): void {
    const avoid = plan.retry !== null && plan.retry.avoidPreviousHosts
    const host = cluster.pick(avoid ? this.tried : null)
    if (host === null) return this.fail(NO_HOST)
    this.host = host
    host.activeRequests++
    cluster.stats.add(UPSTREAM_RQ_TOTAL, 1)
    cluster.stats.add(UPSTREAM_RQ_ACTIVE, 1)
    this.tryStartedMs = this.headIsFresh ? this.startedMs : this.env.clock()
    const upstream = host.pool.leaseIdle(this.currentTry)
    if (upstream !== null) return this.send(upstream)
    this.retainHead()
    this.phase = WAITING
    if (host.pool.wait(this.currentTry)) return
    this.endTry()
    this.fail(POOL_OVERFLOW)
  }

  onLeased(upstream: ClientExchange): void {
    this.send(upstream)
  }

  onLeaseFailed(failure: LeaseFailure): void {
    this.endTry()
    this.onTryFailed(failure === LEASE_TIMED_OUT ? CONNECT_TIMED_OUT : CONNECT_FAILED)
  }

  private send(upstream: ClientExchange): void {
    const { request } = this.exchange!
    const keepsRequest = this.retriesLeft > 0 && this.plan!.retry!.keepsRequest
    if (keepsRequest) this.retainHead()
    this.phase = SENT
    this.upstream = upstream
    if (this.retriesMade === 0) this.fields.beginFirstTry(this.destination!.firstTryLines)
    else this.fields.beginTry(this.retriesMade + 1, this.expectedTimeoutMs())
    upstream.sendRequest(request, this.edits, request.bodyLength, request.bodyLength === 0)
    // The connection may turn out dead within the send.
    if (this.upstream !== upstream) return
    if (upstream.untouched) this.retainHead()
    if (this.bodyBegun) return this.sendKeptBody(upstream)
    if (this.bodyEnded) return this.armTryTimeout()
    this.bodyBegun = true
    this.keepsBody = keepsRequest
    this.exchange!.startRequestBody()
  }

  /** A retry: what was received so far goes out again. Trailers are not kept (RFC 9110 6.5.1 allows their loss). */
  private sendKeptBody(upstream: ClientExchange): void {
    const hasRoom = this.body.length === 0 || upstream.sendData(this.body.bytes, 0, this.body.length)
    if (this.upstream !== upstream) return
    if (this.retriesLeft === 0) this.dropBody()
    if (this.bodyEnded) {
      this.armTryTimeout()
      upstream.endRequest(null)
    } else if (hasRoom) this.resumeRequestBody()
  }

  onData(bytes: Uint8Array, start: number, end: number): boolean {
    // Answered already: the rest of the body is the codec's to drain.
    if (this.phase === ANSWERED) return true
    if (this.keepsBody) this.keepBody(bytes, start, end)
    if (this.upstream !== null && this.upstream.sendData(bytes, start, end)) return true
    // Re-read: the send may have found the connection dead and the request answered.
    if (this.isAnswered()) return true
    this.bodyPaused = true
    return false
  }

  onEnd(trailers: RequestView | null): void {
    this.bodyEnded = true
    this.completeMs = this.env.clock()
    if (this.phase === ANSWERED) return
    if (this.plan!.timeoutMs > 0) this.timeout.arm(this.plan!.timeoutMs)
    if (this.upstream === null) return
    if (this.phase === SENT) this.armTryTimeout()
    this.upstream.endRequest(trailers)
  }

  onRequestWritable(): void {
    this.resumeRequestBody()
  }

  /** Never more than what is left of the route's timeout, which runs from the end of the request. */
  private expectedTimeoutMs(): number {
    const { expectedTimeoutMs, timeoutMs } = this.plan!
    if (timeoutMs === 0 || this.completeMs === NEVER) return expectedTimeoutMs
    const leftMs = Math.floor(timeoutMs - (this.env.clock() - this.completeMs))
    return Math.min(expectedTimeoutMs, Math.max(1, leftMs))
  }

  /** As in Envoy from the moment when the request is complete and has a connection. */
  private armTryTimeout(): void {
    const { retry } = this.plan!
    if (retry !== null && retry.perTryTimeoutMs > 0) this.tryTimer.arm(retry.perTryTimeoutMs)
  }

  // ---- the answer ----

  onInformational(head: ResponseHead): void {
    if (this.phase !== SENT) return
    this.cluster!.stats.add(UPSTREAM_RQ_CLASS + 1, 1)
    this.entrance!.stats.add(DOWNSTREAM_RQ_CLASS + 1, 1)
    this.exchange!.sendInformational(head)
  }

  /**
   * The route's timeout ends here: in Envoy it begins with the end of the client's message, which an upgrade puts off for
   * good. Here it bounds the wait for the 101, as for any answer.
   */
  onUpgrade(head: ResponseHead): void {
    const exchange = this.exchange!
    const { stats } = this.entrance!
    this.phase = TUNNELLING
    this.status = head.status
    this.cluster!.stats.add(UPSTREAM_RQ_CLASS + 1, 1)
    this.timeout.cancel()
    this.tryTimer.cancel()
    this.dropBody()
    this.tunnelStartedMs = this.env.clock()
    exchange.acceptUpgrade(head, this.editAnswer(this.destination!))
    new Tunnel({ downstream: exchange, upstream: this.upstream! }, this, stats, this.env.wheel, this.env.tunnelIdleMs)
  }

  onTunnelEnd(flags: number): void {
    // Latencies are those up to the 101: how long a tunnel was used says nothing of how fast anybody was.
    const tunnelMs = this.env.clock() - this.tunnelStartedMs
    this.startedMs += tunnelMs
    this.tryStartedMs += tunnelMs
    this.flags |= flags
    if (flags !== 0) {
      const byUpstream = (flags & FLAG_UPSTREAM_CONNECTION_TERMINATION) !== 0
      this.cluster!.stats.add(byUpstream ? UPSTREAM_RQ_RX_RESET : UPSTREAM_RQ_TX_RESET, 1)
    }
    this.upstream = null
    this.endTry()
    this.finish()
  }

  onResponse(head: ResponseHead, endOfMessage: boolean): void {
    const { status } = head
    const { stats } = this.cluster!
    const { retry } = this.plan!
    if (status < 600) stats.add(UPSTREAM_RQ_CLASS + Math.floor(status / 100), 1)
    if (retry !== null && retry.wantsResponse(status, head)) {
      if (this.retriesLeft > 0 && this.canSendAgain()) {
        this.leaveUpstream(endOfMessage)
        return this.backOff()
      }
      if (this.retriesLeft === 0) this.flagRetriesExhausted()
    }
    this.phase = RESPONDING
    this.status = status
    this.tryTimer.cancel()
    this.dropBody()
    const exchange = this.exchange!
    const edits = this.editAnswer(this.destination!)
    if (endOfMessage) this.onAnswerComplete()
    exchange.sendResponse(head, edits, endOfMessage)
  }

  /** An answer that came before its request was complete took no time that could be told (as Envoy). */
  private editAnswer({ responseEdits, tellsServiceTime }: Destination): HeadEdits {
    const { answerEdits } = this
    answerEdits.fields = responseEdits
    answerEdits.own = null
    if (tellsServiceTime && this.completeMs !== NEVER) {
      answerEdits.own = this.proxy.serviceTime
      this.proxy.serviceTime.set(this.env.clock() - this.completeMs)
    }
    return answerEdits
  }

  onResponseData(bytes: Uint8Array, start: number, end: number): boolean {
    return this.exchange!.sendData(bytes, start, end)
  }

  onResponseEnd(trailers: RequestView | null): void {
    const exchange = this.exchange!
    this.onAnswerComplete()
    exchange.endResponse(trailers)
  }

  onResponseWritable(): void {
    if (this.upstream !== null) this.upstream.resumeResponse()
  }

  private onAnswerComplete(): void {
    this.phase = ANSWERED
    this.timeout.cancel()
    this.leaveUpstream(true)
    this.resumeRequestBody()
  }

  // ---- what can go wrong with a try ----

  onResponseReset(reason: ResetReason): void {
    const { untouched } = this.upstream!
    this.cluster!.stats.add(UPSTREAM_RQ_RX_RESET, 1)
    this.upstream = null
    this.endTry()
    if (this.phase === RESPONDING) {
      const isProtocol = reason === RESET_PROTOCOL
      return this.breakOff(isProtocol ? FLAG_UPSTREAM_PROTOCOL_ERROR : FLAG_UPSTREAM_CONNECTION_TERMINATION)
    }
    if (reason === RESET_PROTOCOL) return this.onTryFailed(UPSTREAM_BROKE_PROTOCOL)
    if (reason !== RESET_REMOTE) return this.onTryFailed(UPSTREAM_GIVEN_UP)
    if (!untouched) return this.onTryFailed(UPSTREAM_CLOSED)
    // An idle connection died while it waited: nothing was sent, so this is no retry but the first real try.
    if (this.staleTries < STALE_MAX && this.canSendAgain()) {
      this.staleTries++
      return this.startTry(this.plan!, this.cluster!)
    }
    this.onTryFailed(UPSTREAM_CLOSED_UNTOUCHED)
  }

  onTimer(timer: Timer): void {
    if (timer === this.timeout) return this.onTimeout()
    if (this.phase === BACKING_OFF) return this.startTry(this.plan!, this.cluster!)
    this.cluster!.stats.add(UPSTREAM_RQ_PER_TRY_TIMEOUT, 1)
    this.abandonTry()
    this.onTryFailed(TRY_TIMED_OUT)
  }

  private onTimeout(): void {
    this.cluster!.stats.add(UPSTREAM_RQ_TIMEOUT, 1)
    this.abandonTry()
    if (this.phase === RESPONDING) return this.breakOff(FLAG_UPSTREAM_REQUEST_TIMEOUT)
    this.fail(REQUEST_TIMED_OUT)
  }

  /** No retry, as in Envoy: the whole request stood still. */
  onStreamIdle(): void {
    this.tryTimer.cancel()
    this.abandonTry()
    if (this.phase === RESPONDING) return this.breakOff(FLAG_STREAM_IDLE_TIMEOUT)
    this.fail(this.bodyEnded ? RESPONSE_IDLE : REQUEST_IDLE)
  }

  /** The try is over and left no trace at the client: again, or the failure becomes the answer. */
  private onTryFailed(failure: Failure): void {
    const { retry } = this.plan!
    if (retry !== null && retry.wantsFailure(FAILURES[failure]!.retryOn)) {
      if (this.retriesLeft > 0 && this.canSendAgain()) return this.backOff()
      if (this.retriesLeft === 0) this.flagRetriesExhausted()
    }
    this.fail(failure)
  }

  private backOff(): void {
    this.retainHead()
    this.tried.push(this.lastHost!)
    this.phase = BACKING_OFF
    this.retriesLeft--
    this.retriesMade++
    this.cluster!.stats.add(UPSTREAM_RQ_RETRY, 1)
    this.tryTimer.arm(this.plan!.retry!.backoffMs(this.retriesMade, this.env.random()))
  }

  /** The one place where a failure becomes a response. */
  private fail(failure: Failure): void {
    const row = FAILURES[failure]!
    this.flags |= row.flags
    this.reply(this.retriesMade > 0 ? row.replyAfterRetries : row.reply, null)
  }

  private reply(reply: LocalReply, edits: FieldEdits | null): void {
    const exchange = this.exchange!
    this.status = reply.status
    this.phase = ANSWERED
    this.timeout.cancel()
    this.resumeRequestBody()
    exchange.sendLocalReply(reply, edits)
  }

  /** An answer that began cannot be completed: the client must see that. */
  private breakOff(flag: number): void {
    this.flags |= flag
    this.exchange!.reset(flag === FLAG_UPSTREAM_REQUEST_TIMEOUT ? RESET_LOCAL : RESET_REMOTE)
    this.finish()
  }

  private flagRetriesExhausted(): void {
    this.flags |= FLAG_UPSTREAM_RETRY_LIMIT_EXCEEDED
    this.cluster!.stats.add(UPSTREAM_RQ_RETRY_LIMIT_EXCEEDED, 1)
  }

  // ---- the end ----

  onRequestReset(reason: ResetReason): void {
    this.entrance!.stats.add(DOWNSTREAM_RQ_RX_RESET, 1)
    this.flags |= downstreamResetFlag(reason)
    this.abandonTry()
    this.finish()
  }

  onExchangeEnd(): void {
    this.finish()
  }

  private finish(): void {
    recordOutcome(this.entrance!.stats, this.status, this.flags, this.env.clock() - this.startedMs)
    this.timeout.cancel()
    this.tryTimer.cancel()
    this.dropBody()
    this.phase = CHOOSING
    this.exchange = this.entrance = this.plan = this.destination = this.cluster = this.lastHost = null
    this.edits.target = this.edits.authority = this.edits.fields = null
    this.edits.upgrade = false
    this.fields.clear()
    this.completeMs = NEVER
    if (this.tried.length > 0) this.tried.length = 0
    this.retriesLeft = this.retriesMade = this.staleTries = this.status = this.flags = 0
    this.headIsRetained = this.bodyBegun = this.bodyEnded = this.bodyPaused = false
    this.proxy.release(this)
  }

  // ---- small things ----

  /** The exchange may still be under way: its connection is then given up. */
  private leaveUpstream(responseComplete: boolean): void {
    if (!responseComplete || !this.bodyEnded) {
      this.cluster!.stats.add(UPSTREAM_RQ_TX_RESET, 1)
      this.upstream!.reset(RESET_LOCAL)
    }
    this.upstream = null
    this.endTry()
  }

  /** Gives up a try at any point before its end, if there is one. */
  private abandonTry(): void {
    if (this.upstream !== null) return this.leaveUpstream(false)
    if (this.host === null) return
    this.host.pool.cancel(this.currentTry)
    this.endTry()
  }

  private endTry(): void {
    const host = this.host!
    const { stats } = this.cluster!
    host.activeRequests--
    stats.add(UPSTREAM_RQ_ACTIVE, -1)
    stats.latency!.record((this.env.clock() - this.tryStartedMs) * 1000)
    this.tryTimer.cancel()
    this.lastHost = host
    this.host = null
  }

  private isAnswered(): boolean {
    return this.phase === ANSWERED
  }

  /** Head and body are still there to be sent from their first byte. */
  private canSendAgain(): boolean {
    return (this.headIsFresh || this.headIsRetained) && (!this.bodyBegun || this.keepsBody)
  }

  private retainHead(): void {
    if (this.headIsRetained) return
    this.headIsRetained = true
    this.exchange!.retain()
  }

  private keepBody(bytes: Uint8Array, start: number, end: number): void {
    // Between two tries everything must be kept: that is one more read, then the codec pauses.
    if (this.upstream !== null && this.body.length + end - start > this.env.retainedBodyBytes) {
      this.entrance!.stats.add(RETRIES_GIVEN_UP, 1)
      return this.dropBody()
    }
    this.entrance!.stats.add(RETAINED_BODY_BYTES, end - start)
    this.body.append(bytes, start, end)
  }

  private dropBody(): void {
    this.keepsBody = false
    if (this.body.length === 0) return
    this.entrance!.stats.add(RETAINED_BODY_BYTES, -this.body.length)
    this.body.clear()
  }

  private resumeRequestBody(): void {
    if (!this.bodyPaused) return
    this.bodyPaused = false
    this.exchange!.resumeRequestBody()
  }
}

function isTrace({ bytes, ranges }: RequestView): boolean {
  return equalsLower(bytes, ranges[METHOD]!, ranges[METHOD + 1]!, TRACE)
}
