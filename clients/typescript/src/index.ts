/**
 * The caller's library: remote function calls over NATS.
 *
 * A {@link Client} publishes a request to the dispatchers and gives back a {@link Call}: events that
 * end with exactly one result.
 *
 * ```text
 *            ┌──────────────────── Call ─────────────────────┐
 *  request ─▶│ publish ─▶ events ─▶ failed before it started? │─▶ result
 *            │    ▲                          │                │
 *            │    └──────── wait a little ◀──┘                │
 *            └────────────────────────────────────────────────┘
 * ```
 *
 * Nothing waits for ever: each call has a deadline, and within it a silent dispatcher is noticed
 * after three heartbeats. Everything is bounded: messages that wait, bytes of an event, bytes of a
 * value. What an attempt and its successors decide is in modules without clock, socket or task
 * (`attempt`, `parts`, `retry`); `driver` carries it out. One module knows the NATS library:
 * `transport`.
 *
 * @module
 */

export { Client } from "./client.ts";
export { CallAbandonedError, CallError } from "./outcome.ts";
export { ControlError } from "./control.ts";
export { ConnectError } from "./transport.ts";
export { InvalidOptionError } from "./invalid.ts";

export type { CallOptions, ClientOptions } from "./options.ts";
export type { Call } from "./call.ts";
export type { CallResult, FoundBy, JsonValue, Report } from "./outcome.ts";
export type { Cancellation } from "./control.ts";
export type { EndpointStatus, InstanceStatus } from "./status.ts";
export type { TraceContext } from "./headers.ts";
export type { Backoff, Retry } from "./retry.ts";

export type {
  Kind,
  Language,
  Network,
  OnCallerLost,
  RemoteFunctionRequest,
  Replies,
  RequestedLimits,
  ResponseType,
} from "./wire/remote_function_request.ts";
export type { ResultEvent } from "./event.ts";
export type {
  Accepted,
  Event,
  Failure,
  FailureCode,
  Level,
  Origin,
  Output,
  Part,
  Phase,
  Progress,
  Started,
  Stream,
  Timings,
  Usage,
} from "./wire/event.ts";
export type { Action } from "./wire/action.ts";
export type { CodeGeneration } from "./wire/code_generation.ts";
export type { Qualification } from "./wire/qualification.ts";
export type { Validation } from "./wire/validation.ts";
