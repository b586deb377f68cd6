// How a call ended.

import type { Event, Failure, FailureCode, Timings, Usage } from "./wire/event.ts";
import type { ResultEvent } from "./event.ts";

/** What JSON can express. */
export type JsonValue =
  string | number | boolean | null | JsonValue[] | { [member: string]: JsonValue };

/**
 * Who found a failure: the dispatcher, whose result it is; or the client. An `internal` failure that
 * the client found means that a dispatcher did not keep to the protocol; its detail `violation` says
 * how.
 */
export type FoundBy = "dispatcher" | "client";

/** What a dispatcher tells about an execution besides how it ended. */
export interface Report {
  /** Where the time went, in microseconds. */
  readonly timings: Readonly<Timings>;
  /** What it used. */
  readonly usage: Readonly<Usage>;
  /** The digest of the image that ran, where it is known. */
  readonly imageDigest?: string;
}

/** Returns what a result tells besides how the execution ended. */
export function reportOf(result: ResultEvent): Report {
  const { timings = {}, usage = {}, image_digest: imageDigest } = result;
  const report = { timings, usage };
  return typeof imageDigest === "string" ? { ...report, imageDigest } : report;
}

/**
 * A call whose function returned.
 *
 * @example
 * ```ts
 * const result = await client.call(request).result();
 * if (result.value === undefined) {
 *   console.log("nothing was returned, which is not null");
 * }
 * console.log(result.value, result.attempts, result.report.timings.total_us);
 * ```
 */
export class CallResult {
  /** The execution of the last attempt. */
  readonly id: string;
  /** How many attempts it took. */
  readonly attempts: number;
  /**
   * The value as JSON text, as the function's runner wrote it: with numbers that are too long for
   * JavaScript, and every key in its place. `undefined` if the function returned nothing.
   */
  readonly json: string | undefined;
  /** What the dispatcher tells besides. */
  readonly report: Report;
  #value: JsonValue | undefined;
  #isRead = false;

  /** @internal */
  constructor(id: string, attempts: number, json: string | undefined, report: Report) {
    this.id = id;
    this.attempts = attempts;
    this.json = json;
    this.report = report;
  }

  /** The value; `undefined` if the function returned nothing, which is not `null`. */
  get value(): JsonValue | undefined {
    if (!this.#isRead && this.json !== undefined) {
      this.#value = JSON.parse(this.json) as JsonValue;
      this.#isRead = true;
    }
    return this.#value;
  }

  /** Returns the result as one event, the value whole. */
  toEvent(): Event {
    const outcome = this.json === undefined ? { unset: true } : { value: this.value };
    return resultEvent(this.id, { status: "success", ...outcome }, this.report);
  }
}

/**
 * A call that has no value.
 *
 * @example
 * ```ts
 * try {
 *   await client.call(request).result();
 * } catch (error) {
 *   if (error instanceof CallError && error.code === "timed_out") {
 *     console.error(`took longer than ${error.failure.details?.["limit"]} ms`);
 *   }
 * }
 * ```
 */
export class CallError extends Error {
  override name = "CallError";
  /** Why, after the last attempt. */
  readonly failure: Failure;
  /** Who found that out. */
  readonly foundBy: FoundBy;
  /** The execution of the last attempt. */
  readonly id: string;
  /** How many attempts were made. */
  readonly attempts: number;
  /** What the dispatcher tells besides; empty if the client found the failure. */
  readonly report: Report;

  /** @internal */
  constructor(failure: Failure, foundBy: FoundBy, id: string, attempts: number, report: Report) {
    super(`${failure.code}: ${failure.message}`);
    this.failure = failure;
    this.foundBy = foundBy;
    this.id = id;
    this.attempts = attempts;
    this.report = report;
  }

  /** What went wrong: a stable name to branch on. */
  get code(): FailureCode {
    return this.failure.code;
  }

  /** Returns the failure as a result event, as a dispatcher would send it. */
  toEvent(): Event {
    return resultEvent(this.id, { status: "failure", failure: this.failure }, this.report);
  }
}

/**
 * The result of a call was asked for whose events had been given up before it came: by `break` out
 * of the loop that read them, or by {@link Call.close}.
 */
export class CallAbandonedError extends Error {
  override name = "CallAbandonedError";

  /** @internal */
  constructor() {
    super("the call was given up before its result came");
  }
}

function resultEvent(
  id: string,
  outcome: Omit<ResultEvent, "event" | "id">,
  report: Report,
): Event {
  const { timings, usage, imageDigest } = report;
  const digest = imageDigest === undefined ? {} : { image_digest: imageDigest };
  return { event: "result", id, ...outcome, timings, usage, ...digest };
}
