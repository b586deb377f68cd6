import assert from "node:assert/strict";
import { test } from "node:test";
import { FAILURE_CODES } from "../../src/failure.ts";
import { nextAttempt, wait, type Reached, type Retry } from "../../src/retry.ts";
import type { Kind } from "../../src/wire/remote_function_request.ts";

const BACKOFF = { firstMs: 100, factor: 2, longestMs: 5000 };

const UNSTARTED = [
  "overloaded",
  "expired",
  "shutting_down",
  "image_pull_failed",
  "sandbox_start_failed",
  "sandbox_lost",
  "no_responders",
  "not_accepted",
];

/** The codes after which there is another attempt. */
function repeated(retry: Retry, kind: Kind, reached: Reached): string[] {
  const policy = { retry, backoff: BACKOFF, kind, deadline: 60_000 };
  return FAILURE_CODES.filter((code) => nextAttempt(policy, 1, code, reached, 0, 0) !== undefined);
}

test("what never started is repeated", () => {
  assert.deepEqual(repeated("safe", "resolver", "not_started"), UNSTARTED);
});

test("an action that may yet start is not repeated", () => {
  assert.deepEqual(repeated("safe", "action", "not_started"), UNSTARTED.slice(0, 7));
});

test("what was started is not repeated unless asked for", () => {
  // Which cannot come after `started`.
  assert.deepEqual(repeated("safe", "resolver", "started"), ["not_accepted"]);
  assert.deepEqual(repeated("always", "action", "started"), [
    ...UNSTARTED.slice(0, 7),
    "dispatcher_lost",
    "not_accepted",
    "sequence_gap",
  ]);
});

test("without events only what cannot have started is repeated", () => {
  const codes = repeated("safe", "resolver", "unknown");
  const started = ["shutting_down", "sandbox_lost"];
  assert.deepEqual(
    codes,
    UNSTARTED.filter((code) => !started.includes(code)),
  );
});

test("nothing is repeated if that is forbidden", () => {
  assert.deepEqual(repeated("never", "resolver", "not_started"), []);
});

test("waits grow up to the longest", () => {
  const waits = (jitter: number) =>
    [1, 2, 3, 7, 2 ** 32].map((attempt) => wait(BACKOFF, attempt, jitter));
  assert.deepEqual(waits(1), [100, 200, 400, 5000, 5000]);
  assert.deepEqual(waits(0), [50, 100, 200, 2500, 2500]);
  assert.equal(wait({ firstMs: 0, factor: 2, longestMs: 5000 }, 2 ** 32, 1), 0);
});

test("no attempt is made past the deadline", () => {
  const policy = { retry: "safe", backoff: BACKOFF, kind: "resolver", deadline: 60_000 } as const;
  assert.equal(nextAttempt(policy, 1, "overloaded", "not_started", 59_950, 1), undefined);
  assert.equal(nextAttempt(policy, 1, "overloaded", "not_started", 59_850, 1), 59_950);
});
