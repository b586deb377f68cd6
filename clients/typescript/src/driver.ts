// Carries out a call: opens mailboxes, publishes, waits, tries again.
//
//            ┌──────────── again ─────────────┐
//            ▼                                │
//  waiting ──▶ publish ──▶ listening ──▶ attempt ended ──▶ done
//
// Each attempt has a mailbox of its own, so that what is left of an earlier one is never read. It
// makes progress while somebody asks for the next event, and only then.

import { clearTimeout, setTimeout } from "node:timers";
import { Alarm, clock } from "./alarm.ts";
import { Attempt, found, noResponders, type Ending, type Step } from "./attempt.ts";
import { cancelUnheard } from "./control.ts";
import { decode, EventError, type Decoded } from "./event.ts";
import { failure } from "./failure.ts";
import { sumMs, type CallSettings, type Settings } from "./options.ts";
import { CallError, CallResult } from "./outcome.ts";
import { RequestError, type PreparedRequest } from "./request.ts";
import { mayStillRun, nextAttempt, type Policy, type Reached } from "./retry.ts";
import { drawInbox, functionSubject } from "./subjects.ts";
import { SendError, type Connection, type Delivery, type Mailbox } from "./transport.ts";
import type { Event, Failure, FailureCode } from "./wire/event.ts";

/** The longest time that a timer can be set to, in milliseconds. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * How long after the deadline a call that nobody reads on is released, in milliseconds: whoever does
 * read comes first.
 */
const RELEASE_MS = 500;

/** What a driver has to say: an event, and with the last one the outcome of the call. */
export interface Emission {
  readonly event: Event;
  readonly outcome?: CallResult | CallError;
}

/** What a driver is given. */
export interface Orders {
  readonly connection: Connection;
  readonly settings: Settings;
  readonly call: CallSettings;
  /** The request, or what is wrong with it. */
  readonly request: PreparedRequest | RequestError;
}

/** How an attempt ended, and what that means for another. */
interface Concluded {
  readonly ending: Ending;
  readonly reached: Reached;
  /** Whether another attempt could be different. */
  readonly isOpen: boolean;
}

/** An attempt whose request was published. */
interface Listening {
  readonly attempt: Attempt;
  readonly mailbox: Mailbox;
}

/** A call being carried out. */
export class Driver {
  readonly #orders: Orders;
  readonly #alarm = new Alarm();
  #id: string;
  #attempts = 0;
  #isCancelled = false;
  #isAbandoned = false;
  #mailbox: Mailbox | undefined;
  #lastFailure: FailureCode | undefined;

  constructor(orders: Orders) {
    this.#orders = orders;
    this.#id = chosenId(orders.request) ?? crypto.randomUUID();
  }

  /** The execution of the current attempt. */
  get id(): string {
    return this.#id;
  }

  /** How many attempts have been made, the current one included. */
  get attempts(): number {
    return this.#attempts;
  }

  /** Makes no further attempt. */
  cancel(): void {
    this.#isCancelled = true;
    this.#alarm.ring();
  }

  /** Gives the call up: nothing is waited for any more. */
  abandon(): void {
    this.#isAbandoned = true;
    this.#mailbox?.close();
    this.#alarm.ring();
  }

  /**
   * Returns the events of the call: those of all attempts, of which the last is the result. There is
   * no last one if the call is given up.
   */
  async *run(onAbort: () => void): AsyncGenerator<Emission, void> {
    const { call, request, settings } = this.#orders;
    if (request instanceof RequestError) {
      this.#attempts = 1;
      yield this.#ended(unsent(request.failure).ending);
      return;
    }
    const now = clock();
    const patienceMs = call.deadlineMs ?? sumMs(request.allowedMs, settings.deadlineGraceMs);
    const { kind } = request;
    const policy = {
      retry: call.retry,
      backoff: settings.backoff,
      kind,
      deadline: now + patienceMs,
    };
    const release = this.#releasedAt(patienceMs, onAbort);
    let concluded: Concluded | undefined;
    try {
      let due: number | undefined = now;
      while (due !== undefined) {
        concluded = yield* this.#attempt(request, policy, due);
        due = concluded === undefined ? undefined : this.#nextAttempt(policy, concluded);
      }
    } finally {
      // Before the last event: whoever has that may ask for nothing more.
      release();
    }
    if (concluded !== undefined) {
      yield this.#ended(concluded.ending);
    }
  }

  /**
   * Listens to the signal, and returns what releases all that is held for the call. That happens soon
   * after the deadline too, if nobody asks for events any more.
   */
  #releasedAt(patienceMs: number, onAbort: () => void): () => void {
    const { signal } = this.#orders.call;
    const release = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
      this.#mailbox?.close();
    };
    const timer = setTimeout(release, Math.min(patienceMs + RELEASE_MS, LONGEST_TIMER_MS));
    timer.unref();
    if (signal?.aborted === true) {
      this.cancel();
    } else {
      signal?.addEventListener("abort", onAbort, { once: true });
    }
    return release;
  }

  /** Makes one attempt; returns nothing if the call is given up. */
  async *#attempt(
    request: PreparedRequest,
    policy: Policy,
    due: number,
  ): AsyncGenerator<Emission, Concluded | undefined> {
    const published = await this.#publish(request, policy, due);
    if (published === undefined || !("attempt" in published)) {
      return published;
    }
    try {
      for (;;) {
        const step = await this.#listen(published, policy);
        if (step === undefined || "ending" in step) {
          return step;
        }
        if (step.event.event === "accepted" && this.#isCancelled) {
          // It was cancelled before a dispatcher had it.
          cancelUnheard(this.#orders.connection, this.#orders.settings, this.#id);
        }
        yield { event: step.event };
      }
    } finally {
      published.mailbox.close();
    }
  }

  /** Waits until the attempt is due, and publishes its request. */
  async #publish(
    request: PreparedRequest,
    policy: Policy,
    due: number,
  ): Promise<Listening | Concluded | undefined> {
    while (!this.#isAbandoned && !this.#isCancelled && clock() < due) {
      await this.#alarm.sleepUntil(due);
    }
    if (this.#isAbandoned) {
      return undefined;
    }
    if (this.#isCancelled) {
      const message = "the call was cancelled while no dispatcher had it";
      return unsent(failure("cancelled", message, { by: "caller" }));
    }
    // The first attempt has the id that the caller may have read already.
    if (this.#attempts > 0 && request.id === undefined) {
      this.#id = crypto.randomUUID();
    }
    this.#attempts += 1;

    const { connection, settings } = this.#orders;
    const now = clock();
    const until = Math.min(policy.deadline, now + settings.acceptTimeoutMs);
    try {
      if (!(await connection.isReady(until, this.#alarm))) {
        const message = "the connection to NATS did not take the request in time";
        const reason = failure("not_accepted", message, { limit_ms: Math.round(until - now) });
        return { ending: found(reason), reached: "not_started", isOpen: true };
      }
      return this.#isAbandoned ? undefined : this.#send(request, now);
    } catch (error) {
      if (error instanceof SendError) {
        return unsent(unsendable(error));
      }
      throw error;
    }
  }

  #send(request: PreparedRequest, now: number): Listening {
    const { connection, settings, call } = this.#orders;
    const mailbox = connection.open(drawInbox(settings.inboxPrefix), this.#alarm);
    this.#mailbox = mailbox;
    try {
      const subject = functionSubject(settings.subjectPrefix, request.kind);
      connection.publish(subject, request.withId(this.#id), call.headers, mailbox);
    } catch (error) {
      mailbox.close();
      throw error;
    }
    const { replies } = request;
    const { acceptTimeoutMs, maxValueBytes } = settings;
    const attempt = new Attempt({ id: this.#id, replies, acceptTimeoutMs, maxValueBytes, now });
    return { attempt, mailbox };
  }

  /** Waits for the next event of an attempt, or its end. */
  async #listen(
    { attempt, mailbox }: Listening,
    { deadline }: Policy,
  ): Promise<{ event: Event } | Concluded | undefined> {
    for (;;) {
      // What has come counts before what has not: a caller who was slow to ask finds the result and
      // not a silence.
      const delivery = mailbox.take();
      const now = clock();
      if (this.#isAbandoned) {
        return undefined;
      }
      if (delivery === undefined && mailbox.hasEnded && now < deadline) {
        const { reason: problem } = mailbox;
        const message =
          problem === undefined
            ? "the connection to NATS was closed"
            : `the mailbox was closed: ${problem.message}`;
        const reason = failure("dispatcher_lost", message);
        return { ending: found(reason), reached: attempt.reached, isOpen: false };
      }
      const step = delivery === undefined ? undefined : this.#take(attempt, delivery, now);
      if (step !== undefined && "event" in step && now < deadline) {
        return step;
      }
      const ending =
        step === undefined ? attempt.tick(now) : "ending" in step ? step.ending : undefined;
      if (ending !== undefined || now >= deadline) {
        const end = ending ?? found(this.#deadlineExceeded());
        return { ending: end, reached: attempt.reached, isOpen: true };
      }
      await this.#alarm.sleepUntil(Math.min(attempt.wakeAt, deadline));
    }
  }

  #take(attempt: Attempt, delivery: Delivery, now: number): Step {
    if (delivery.noResponders) {
      return { ending: noResponders() };
    }
    const decoded = decoding(delivery.payload, this.#orders.settings.maxEventBytes);
    return attempt.receive(delivery.sequence, decoded, now);
  }

  /** Returns when the next attempt is due, if one is, and ends what nobody will listen to. */
  #nextAttempt(policy: Policy, { ending, reached, isOpen }: Concluded): number | undefined {
    if (ending.returned) {
      return undefined;
    }
    const { code } = ending.failure;
    const due =
      isOpen && !this.#isCancelled
        ? nextAttempt(policy, this.#attempts, code, reached, clock(), Math.random())
        : undefined;
    if (ending.foundBy === "client" && mustBeEnded(code, due !== undefined)) {
      cancelUnheard(this.#orders.connection, this.#orders.settings, this.#id);
    }
    this.#lastFailure = code;
    return due;
  }

  #ended(ending: Ending): Emission {
    if (ending.returned) {
      const { json, report, event } = ending;
      return { event, outcome: new CallResult(this.#id, this.#attempts, json, report) };
    }
    const { foundBy, report } = ending;
    const error = new CallError(ending.failure, foundBy, this.#id, this.#attempts, report);
    return { event: error.toEvent(), outcome: error };
  }

  #deadlineExceeded(): Failure {
    const details =
      this.#lastFailure === undefined ? undefined : { last_failure: this.#lastFailure };
    return failure("deadline_exceeded", "the call was not over by its deadline", details);
  }
}

/** Returns the end of what was not sent, and would be the same the next time. */
function unsent(reason: Failure): Concluded {
  return { ending: found(reason), reached: "not_started", isOpen: false };
}

function unsendable({ message, size }: SendError): Failure {
  return size === undefined
    ? failure("no_responders", message)
    : failure("request_too_large", message, { ...size });
}

/**
 * Whether an attempt that the client gave up is to be ended.
 *
 * One that was taken and then lost from sight is left alone unless another takes its place: half an
 * action is worse than a whole one.
 */
function mustBeEnded(code: FailureCode, isRepeated: boolean): boolean {
  const wasNeverTaken = code === "not_accepted" || code === "deadline_exceeded";
  return mayStillRun(code) && (isRepeated || wasNeverTaken);
}

function decoding(payload: Uint8Array, maxBytes: number): Decoded | EventError {
  try {
    return decode(payload, maxBytes);
  } catch (error) {
    if (error instanceof EventError) {
      return error;
    }
    throw error;
  }
}

function chosenId(request: PreparedRequest | RequestError): string | undefined {
  return request instanceof RequestError ? undefined : request.id;
}
