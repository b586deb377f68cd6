// Whether a failed attempt is followed by another, and when.

import { isRetryable } from "./failure.ts";
import type { FailureCode } from "./wire/event.ts";
import type { Kind } from "./wire/remote_function_request.ts";

/**
 * Which failures are answered by another attempt. Failures of the function or of the request never
 * are.
 *
 * - `never`: none.
 * - `safe`: those of attempts in which the function was certainly not started: `no_responders`,
 *   `overloaded`, `expired`, and before `started` `shutting_down`, `image_pull_failed`,
 *   `sandbox_start_failed` and `sandbox_lost`; also `not_accepted`, but that not for actions, since
 *   the first attempt might yet start.
 * - `always`: also those after which the function may have been executed, wholly or in part: for
 *   functions that may be executed twice.
 */
export type Retry = "never" | "safe" | "always";

/**
 * How long to wait between attempts: longer each time, and never quite the same, so that callers who
 * failed together do not come back together.
 */
export interface Backoff {
  /** The wait after the first attempt, in milliseconds. */
  readonly firstMs: number;
  /** What each further wait is multiplied by; at least 1. */
  readonly factor: number;
  /** The longest wait, in milliseconds. */
  readonly longestMs: number;
}

/**
 * Whether the function may have run in an attempt: events are sent, and none said that it was
 * started; it was started; or only the result is sent, so that nobody knows.
 */
export type Reached = "not_started" | "started" | "unknown";

/** What decides between the attempts of one call. */
export interface Policy {
  readonly retry: Retry;
  readonly backoff: Backoff;
  readonly kind: Kind;
  /** When the call must be over, on the clock that `now` is read from. */
  readonly deadline: number;
}

/**
 * Returns when the next attempt is due after attempt number `attempt` has failed, or `undefined` if
 * the failure stands.
 *
 * @param jitter - A random number from 0 to 1.
 */
export function nextAttempt(
  policy: Policy,
  attempt: number,
  code: FailureCode,
  reached: Reached,
  now: number,
  jitter: number,
): number | undefined {
  const at = now + wait(policy.backoff, attempt, jitter);
  // An attempt that could only be cut short is not worth making.
  return isRepeated(policy, code, reached) && at < policy.deadline ? at : undefined;
}

/**
 * The wait after attempt number `attempt`, counted from 1, in milliseconds: between half and all of
 * its nominal length, as `jitter` says.
 */
export function wait(
  { firstMs, factor, longestMs }: Backoff,
  attempt: number,
  jitter: number,
): number {
  const growth = Math.min(factor ** (attempt - 1), Number.MAX_VALUE);
  const half = Math.min(firstMs * growth, longestMs) / 2;
  return half + half * jitter;
}

/** Whether an attempt that failed so may still be executing, unheard. */
export function mayStillRun(code: FailureCode): boolean {
  return (
    code === "not_accepted" ||
    code === "dispatcher_lost" ||
    code === "sequence_gap" ||
    code === "deadline_exceeded"
  );
}

function isRepeated(policy: Policy, code: FailureCode, reached: Reached): boolean {
  switch (policy.retry) {
    case "never":
      return false;
    case "safe":
      return isSafe(policy.kind, code, reached);
    case "always":
      return isSafe(policy.kind, code, reached) || maySucceedAgain(code);
  }
}

function isSafe(kind: Kind, code: FailureCode, reached: Reached): boolean {
  switch (code) {
    // By their nature these come before the function is started.
    case "no_responders":
    case "overloaded":
    case "expired":
    case "image_pull_failed":
    case "sandbox_start_failed":
      return reached !== "started";
    // These may come at any time.
    case "shutting_down":
    case "sandbox_lost":
      return reached === "not_started";
    case "not_accepted":
      return kind !== "action";
    default:
      return false;
  }
}

/** Whether the failure says nothing about the function and the request. */
function maySucceedAgain(code: FailureCode): boolean {
  return code === "dispatcher_lost" || code === "sequence_gap" || isRetryable(code);
}
