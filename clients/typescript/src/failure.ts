// Why an execution has no value: what every failure says of itself.

import type { Failure, FailureCode, Origin } from "./wire/event.ts";

/** The longest message of a failure, in bytes. */
const MAX_MESSAGE_BYTES = 8 * 1024;

/** Who has to change something, and whether the same request may succeed if it is sent again. */
const CODES: Readonly<Record<FailureCode, readonly [origin: Origin, retryable: boolean]>> = {
  invalid_request: ["request", false],
  unsupported_kind: ["request", false],
  unsupported_image: ["request", false],
  duplicate_id: ["request", false],
  overloaded: ["system", true],
  expired: ["system", true],
  shutting_down: ["system", true],
  image_pull_failed: ["system", true],
  sandbox_start_failed: ["system", true],
  sandbox_lost: ["system", true],
  syntax_error: ["user", false],
  exception: ["user", false],
  invalid_handler: ["user", false],
  invalid_result: ["user", false],
  result_too_large: ["user", false],
  out_of_memory: ["user", false],
  disk_full: ["user", false],
  too_many_processes: ["user", false],
  cpu_exhausted: ["user", false],
  timed_out: ["user", false],
  cancelled: ["request", false],
  runner_exited: ["user", false],
  protocol_error: ["user", false],
  internal: ["system", false],
  no_responders: ["system", true],
  dispatcher_lost: ["system", false],
  not_accepted: ["system", true],
  sequence_gap: ["system", false],
  deadline_exceeded: ["system", false],
  request_too_large: ["request", false],
};

/** Every code. */
export const FAILURE_CODES = Object.keys(CODES) as readonly FailureCode[];

/** Whether the same request may succeed if it is sent again. */
export function isRetryable(code: FailureCode): boolean {
  return CODES[code][1];
}

/** Returns a failure; a message that is too long is cut. */
export function failure(
  code: FailureCode,
  message: string,
  details?: Readonly<Record<string, unknown>>,
): Failure {
  const [origin, retryable] = CODES[code];
  const base = { code, origin, retryable, message: truncated(message, MAX_MESSAGE_BYTES) };
  return details === undefined ? base : { ...base, details };
}

/** Returns `text` cut to at most `maxBytes` in UTF-8, never inside a character. */
export function truncated(text: string, maxBytes: number): string {
  // A unit of a string takes three bytes at most.
  if (text.length * 3 <= maxBytes) {
    return text;
  }
  const bytes = new TextEncoder().encode(text);
  // As part of a stream, what is left of a character at the end is held back.
  return new TextDecoder().decode(bytes.subarray(0, maxBytes), { stream: bytes.length > maxBytes });
}
