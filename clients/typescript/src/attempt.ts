// What the events of one attempt mean: a state machine without clock, socket or task.
//
//             accepted            started
//  published ──────────▶ accepted ───────▶ started
//      │ accept timeout      │ silence        │ silence
//      ▼                     ▼                ▼
//  not_accepted       dispatcher_lost   dispatcher_lost      result: ended, from anywhere
//
// Under `replies: result` nothing but the result comes, so that neither silence nor numbering says
// anything: only the call's deadline ends it.

import { EventError, type Decoded, type ResultEvent } from "./event.ts";
import { failure } from "./failure.ts";
import { reportOf, type FoundBy, type Report } from "./outcome.ts";
import { Parts, PartsError } from "./parts.ts";
import type { Reached } from "./retry.ts";
import type { Event, Failure } from "./wire/event.ts";
import type { Replies } from "./wire/remote_function_request.ts";

/** How many heartbeats may be missing. */
const SILENT_HEARTBEATS = 3;

/**
 * Bounds on what a dispatcher says about its heartbeats, in milliseconds: one of none at all would
 * be lost at once, one of a day never.
 */
const HEARTBEAT_MS = { shortest: 10, longest: 60_000 } as const;

/** How an attempt ended. */
export type Ending =
  /** The function returned a value, or nothing. The event says the same. */
  | {
      readonly returned: true;
      readonly json: string | undefined;
      readonly report: Report;
      readonly event: Event;
    }
  /** It failed. */
  | {
      readonly returned: false;
      readonly failure: Failure;
      readonly foundBy: FoundBy;
      readonly report: Report;
    };

/** What a message turned out to be: an event that is not the last, or the end. */
export type Step = { readonly event: Event } | { readonly ending: Ending };

/** What an attempt is told when it begins. All times are in milliseconds, on one clock. */
export interface AttemptSettings {
  readonly id: string;
  readonly replies: Replies;
  readonly acceptTimeoutMs: number;
  readonly maxValueBytes: number;
  readonly now: number;
}

type Phase =
  | { readonly name: "published" }
  | { readonly name: "accepted" | "started"; readonly silenceMs: number };

/** One attempt, from the publication of its request on. */
export class Attempt {
  readonly #id: string;
  readonly #replies: Replies;
  readonly #acceptTimeoutMs: number;
  readonly #parts: Parts;
  #phase: Phase = { name: "published" };
  #lastSequence = 0;
  #lastHeard: number;

  constructor(settings: AttemptSettings) {
    this.#id = settings.id;
    this.#replies = settings.replies;
    this.#acceptTimeoutMs = settings.acceptTimeoutMs;
    this.#parts = new Parts(settings.maxValueBytes);
    this.#lastHeard = settings.now;
  }

  /** Whether the function may have run. */
  get reached(): Reached {
    if (this.#replies === "result") {
      return "unknown";
    }
    return this.#phase.name === "started" ? "started" : "not_started";
  }

  /** When {@link tick} has something to say, if nothing comes before. */
  get wakeAt(): number {
    if (this.#replies === "result") {
      return Infinity;
    }
    const patience =
      this.#phase.name === "published" ? this.#acceptTimeoutMs : this.#phase.silenceMs;
    return this.#lastHeard + patience;
  }

  /** Ends the attempt if nothing was heard for too long. */
  tick(now: number): Ending | undefined {
    if (now < this.wakeAt) {
      return undefined;
    }
    if (this.#phase.name === "published") {
      const limit_ms = Math.round(this.#acceptTimeoutMs);
      const message = `no dispatcher took the request within ${limit_ms} ms`;
      return found(failure("not_accepted", message, { limit_ms }));
    }
    const limit_ms = this.#phase.silenceMs;
    const message = `nothing was heard of the dispatcher for ${SILENT_HEARTBEATS} heartbeats (${limit_ms} ms)`;
    const details = { limit_ms, last_sequence: this.#lastSequence };
    return found(failure("dispatcher_lost", message, details));
  }

  /** Takes an event and its number. */
  receive(sequence: string | undefined, decoded: Decoded | EventError, now: number): Step {
    try {
      return this.#step(sequence, decoded, now);
    } catch (error) {
      if (error instanceof Violation || error instanceof PartsError) {
        return { ending: found(error.failure) };
      }
      throw error;
    }
  }

  #step(sequence: string | undefined, decoded: Decoded | EventError, now: number): Step {
    if (this.#replies === "events") {
      this.#count(sequence);
    }
    if (decoded instanceof EventError) {
      throw violation("malformed_event", decoded.message);
    }
    const { event, valueText } = decoded;
    this.#checkId(event);
    this.#lastHeard = now;
    switch (event.event) {
      case "accepted": {
        if (this.#phase.name !== "published") {
          throw untimely(event);
        }
        const { shortest, longest } = HEARTBEAT_MS;
        const heartbeatMs = Math.min(Math.max(event.heartbeat_ms, shortest), longest);
        this.#phase = { name: "accepted", silenceMs: heartbeatMs * SILENT_HEARTBEATS };
        break;
      }
      case "started":
        if (this.#phase.name !== "accepted") {
          throw untimely(event);
        }
        this.#phase = { ...this.#phase, name: "started" };
        break;
      case "part":
        this.#expectAccepted(event);
        this.#parts.push(event);
        break;
      case "output":
      case "progress":
      case "heartbeat":
        this.#expectAccepted(event);
        break;
      case "result":
        return { ending: this.#end(event, valueText) };
      default:
        // Of a later version of the protocol: for whoever understands it.
        event satisfies never;
    }
    return { event };
  }

  /** Checks that no event is missing and none came twice. */
  #count(sequence: string | undefined): void {
    const expected = this.#lastSequence + 1;
    if (sequence === undefined || !/^[0-9]{1,20}$/.test(sequence)) {
      throw violation("unnumbered_event", "an event came without its number");
    }
    const number = Number(sequence);
    if (number !== expected) {
      const message = `event ${number} came where event ${expected} was due`;
      throw new Violation(failure("sequence_gap", message, { expected, found: number }));
    }
    this.#lastSequence = number;
  }

  /**
   * Checks that the event speaks of this execution. Only the refusal of a request that could not be
   * read speaks of none.
   */
  #checkId(event: Event): void {
    const isRefusal = event.event === "result" && event.status === "failure";
    if (event.id !== this.#id && !(event.id === null && isRefusal)) {
      throw violation("foreign_event", "an event of another execution came to this mailbox");
    }
  }

  #expectAccepted(event: Event): void {
    if (this.#phase.name === "published") {
      throw untimely(event);
    }
  }

  #end(event: ResultEvent, valueText: string | undefined): Ending {
    const report = reportOf(event);
    const reason = event.failure ?? undefined;
    if (reason !== undefined) {
      return { returned: false, failure: reason, foundBy: "dispatcher", report };
    }
    const { parts, sha256 } = event;
    if (typeof parts === "number" && typeof sha256 === "string") {
      return { returned: true, json: this.#parts.finish(parts, sha256), report, event };
    }
    return { returned: true, json: valueText, report, event };
  }
}

/** Returns the ending of an attempt whose request reached nobody. */
export function noResponders(): Ending {
  const message = "no dispatcher has a free place, or none is there";
  return found(failure("no_responders", message));
}

/** Returns the ending that the client itself found. */
export function found(reason: Failure): Ending {
  return {
    returned: false,
    failure: reason,
    foundBy: "client",
    report: { timings: {}, usage: {} },
  };
}

/** An event that should not have come. */
class Violation extends Error {
  readonly failure: Failure;

  constructor(reason: Failure) {
    super(reason.message);
    this.failure = reason;
  }
}

/** Returns what a dispatcher did that does not keep to the protocol. */
function violation(kind: string, message: string): Violation {
  return new Violation(failure("internal", message, { violation: kind }));
}

function untimely(event: Event): Violation {
  return violation("untimely_event", `the event \`${event.event}\` came out of turn`);
}
