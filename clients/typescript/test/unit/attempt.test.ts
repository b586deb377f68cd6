import assert from "node:assert/strict";
import { test } from "node:test";
import { Attempt, noResponders, type Ending, type Step } from "../../src/attempt.ts";
import { decode, EventError } from "../../src/event.ts";
import { failure } from "../../src/failure.ts";
import type { FoundBy } from "../../src/outcome.ts";
import type { Failure } from "../../src/wire/event.ts";
import type { Replies } from "../../src/wire/remote_function_request.ts";
import {
  accepted,
  heartbeat,
  output,
  part,
  started,
  value,
  type Body,
} from "../support/dispatcher.ts";

const ID = "x-1";

/** An attempt, its clock, and the number of the next event. */
class Played {
  readonly attempt: Attempt;
  #sequence = 0;

  constructor(replies: Replies = "events") {
    const settings = { id: ID, replies, acceptTimeoutMs: 2000, maxValueBytes: 100, now: 0 };
    this.attempt = new Attempt(settings);
  }

  /** Takes the next event in order. */
  takes(at: number, body: Body): Step {
    this.#sequence += 1;
    return this.attempt.receive(String(this.#sequence), read({ id: ID, ...body }), at);
  }

  /** Takes the next event, which must not be the last. */
  goesOn(at: number, body: Body): void {
    assert.ok("event" in this.takes(at, body));
  }
}

function read(event: unknown): ReturnType<typeof decode> {
  return decode(new TextEncoder().encode(JSON.stringify(event)), 10_000);
}

function failureIn(ending: Ending | undefined): { failure: Failure; foundBy: FoundBy } {
  assert.ok(ending !== undefined && !ending.returned, JSON.stringify(ending));
  return ending;
}

function failureOf(step: Step): { failure: Failure; foundBy: FoundBy } {
  assert.ok("ending" in step, JSON.stringify(step));
  return failureIn(step.ending);
}

function violationIn(step: Step): unknown {
  const { failure: reason, foundBy } = failureOf(step);
  assert.equal(reason.code, "internal");
  assert.equal(foundBy, "client");
  return reason.details?.["violation"];
}

test("a value comes with its report", () => {
  const played = new Played();
  played.goesOn(1, accepted(1000));
  played.goesOn(2, started);
  played.goesOn(3, output("hello"));
  const text = `{"event":"result","id":"${ID}","status":"success","value":{"b": 1.0},"image_digest":"sha256:1"}`;
  const step = played.attempt.receive("4", decode(new TextEncoder().encode(text), 1000), 4);
  assert.ok("ending" in step && step.ending.returned);
  assert.equal(step.ending.json, '{"b": 1.0}');
  assert.equal(step.ending.report.imageDigest, "sha256:1");
  assert.equal(step.ending.event.event, "result");
});

test("a refused request is answered at once and perhaps without an id", () => {
  for (const id of [ID, null]) {
    const refusal = failure("invalid_request", "no");
    const event = read({ event: "result", id, status: "failure", failure: refusal });
    const step = new Played().attempt.receive("1", event, 0);
    assert.deepEqual(failureOf(step).failure, refusal);
    assert.equal(failureOf(step).foundBy, "dispatcher");
  }
});

test("a request that nobody takes is not accepted", () => {
  const { attempt } = new Played();
  assert.equal(attempt.wakeAt, 2000);
  assert.equal(attempt.tick(1999), undefined);
  const { failure: reason } = failureIn(attempt.tick(2000));
  assert.equal(reason.code, "not_accepted");
  assert.equal(reason.details?.["limit_ms"], 2000);
});

test("a dispatcher that is silent for three heartbeats is lost", () => {
  const played = new Played();
  played.goesOn(100, accepted(1000));
  played.goesOn(2000, heartbeat);
  played.goesOn(4900, started);
  assert.equal(played.attempt.tick(7899), undefined);
  const { failure: reason } = failureIn(played.attempt.tick(7900));
  assert.equal(reason.code, "dispatcher_lost");
  assert.deepEqual(reason.details, { limit_ms: 3000, last_sequence: 3 });
});

test("no heartbeat is too short or too long to be missed", () => {
  for (const [heartbeatMs, silenceMs] of [
    [0, 30],
    [2 ** 64, 180_000],
  ] as const) {
    const played = new Played();
    played.goesOn(0, accepted(heartbeatMs));
    assert.equal(played.attempt.wakeAt, silenceMs);
  }
});

test("nobody there is told at once", () => {
  const { failure: reason, foundBy } = failureIn(noResponders());
  assert.equal(reason.code, "no_responders");
  assert.equal(foundBy, "client");
});

test("a missing and a repeated event are a gap", () => {
  for (const number of ["3", "1"]) {
    const played = new Played();
    played.goesOn(0, accepted(1000));
    const step = played.attempt.receive(number, read({ id: ID, ...output("x") }), 0);
    const { failure: reason } = failureOf(step);
    assert.equal(reason.code, "sequence_gap");
    assert.deepEqual(reason.details, { expected: 2, found: Number(number) });
  }
});

test("a dispatcher that does not keep to the protocol is named as such", () => {
  const event = read({ id: ID, ...accepted(1000) });
  for (const number of [undefined, "", "one", "-1", "1.5", "0x1", " 1", "1".repeat(21)]) {
    const step = new Played().attempt.receive(number, event, 0);
    assert.equal(violationIn(step), "unnumbered_event", number);
  }
  const malformed = new EventError("the event is malformed");
  assert.equal(violationIn(new Played().attempt.receive("1", malformed, 0)), "malformed_event");
  for (const id of [null, "other"]) {
    const foreign = read({ id, ...accepted(1000) });
    assert.equal(violationIn(new Played().attempt.receive("1", foreign, 0)), "foreign_event");
  }
  const claim = read({ id: null, ...value(1) });
  assert.equal(violationIn(new Played().attempt.receive("1", claim, 0)), "foreign_event");
});

test("events out of turn are a violation", () => {
  for (const body of [output("x"), started, heartbeat, part(0, "1")]) {
    assert.equal(violationIn(new Played().takes(0, body)), "untimely_event", body.event);
  }
  for (const body of [accepted(1000), started]) {
    const played = new Played();
    played.goesOn(0, accepted(1000));
    played.goesOn(0, started);
    assert.equal(violationIn(played.takes(1, body)), "untimely_event", body.event);
  }
});

test("parts make the value or a violation", () => {
  const sha256 = "015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862";
  const end = (parts: number) => ({ event: "result", status: "success", parts, sha256 });
  const whole = new Played();
  whole.goesOn(0, accepted(1000));
  whole.goesOn(1, part(0, '{"a'));
  whole.goesOn(2, part(1, '":1}'));
  const step = whole.takes(3, end(2));
  assert.ok("ending" in step && step.ending.returned);
  assert.equal(step.ending.json, '{"a":1}');

  const exchanged = new Played();
  exchanged.goesOn(0, accepted(1000));
  assert.equal(violationIn(exchanged.takes(1, part(1, "x"))), "broken_parts");

  const missing = new Played();
  missing.goesOn(0, accepted(1000));
  assert.equal(violationIn(missing.takes(1, end(1))), "broken_parts");

  const large = new Played();
  large.goesOn(0, accepted(1000));
  const { failure: reason } = failureOf(large.takes(1, part(0, "x".repeat(101))));
  assert.equal(reason.code, "result_too_large");
  assert.deepEqual(reason.details, { bytes: 101, limit: 100 });
});

test("without events neither silence nor numbers mean anything", () => {
  const played = new Played("result");
  assert.equal(played.attempt.wakeAt, Infinity);
  assert.equal(played.attempt.tick(1_000_000), undefined);
  assert.equal(played.attempt.reached, "unknown");
  const step = played.attempt.receive(undefined, read({ id: ID, ...value(1) }), 0);
  assert.ok("ending" in step && step.ending.returned);
});

test("what was reached is what the events said", () => {
  const played = new Played();
  played.goesOn(0, accepted(1000));
  assert.equal(played.attempt.reached, "not_started");
  played.goesOn(1, started);
  assert.equal(played.attempt.reached, "started");
});

test("events of a later version are passed on", () => {
  const played = new Played();
  played.goesOn(0, accepted(1000));
  played.goesOn(0, { event: "snapshot" });
  played.goesOn(0, { event: "toString" });
});
