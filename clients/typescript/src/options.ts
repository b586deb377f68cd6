// What a client and its calls can be told.

import { requestHeaders, type Header, type TraceContext } from "./headers.ts";
import { InvalidOptionError } from "./invalid.ts";
import type { Backoff, Retry } from "./retry.ts";
import { isInboxPrefix, isSubjectPrefix } from "./subjects.ts";

/** The longest time that can be asked for: as good as for ever. */
const LONGEST_MS = 30 * 365 * 24 * 3600 * 1000;

/** The most bytes that one string of the language holds for certain. */
const MOST_BYTES = 256 * 1024 * 1024;

const RETRIES: readonly Retry[] = ["never", "safe", "always"];

/** How a client behaves. */
export interface ClientOptions {
  /** What the subjects of dispatchers start with, without a final dot; nothing by default. */
  readonly subjectPrefix?: string;
  /**
   * The subject under which mailboxes lie, `_INBOX` by default; dispatchers answer only below
   * prefixes they know.
   */
  readonly inboxPrefix?: string;
  /** How long to wait for a dispatcher to say that it has the request; 2000 by default. */
  readonly acceptTimeoutMs?: number;
  /**
   * What is added to the request's `queue_timeout_ms` and `timeout_ms` to make the deadline of a
   * call that has none of its own: the time for images to be had, sandboxes to be made, and attempts
   * to be repeated; 30000 by default.
   */
  readonly deadlineGraceMs?: number;
  /** Which failures are answered by another attempt; `safe` by default. */
  readonly retry?: Retry;
  /** How long to wait between attempts: 100 ms, twice as long each time, 5 s by default. */
  readonly backoff?: Partial<Backoff>;
  /** The largest event that is read, in bytes; 8 MiB by default, 256 MiB at most. */
  readonly maxEventBytes?: number;
  /** The largest value that is put together from parts, in bytes; 64 MiB by default, 256 MiB at most. */
  readonly maxValueBytes?: number;
  /**
   * How many events may wait for a slow reader of one call, 8192 by default; their bytes are no more
   * than the largest value and the largest event. What is more is lost, which ends the call with
   * `sequence_gap`.
   */
  readonly mailboxCapacity?: number;
}

/** What is special about one call. */
export interface CallOptions {
  /**
   * How long all attempts together may take, in milliseconds; by default what the request allows,
   * and {@link ClientOptions.deadlineGraceMs}.
   */
  readonly deadlineMs?: number;
  /** Which failures are answered by another attempt, if not those of {@link ClientOptions.retry}. */
  readonly retry?: Retry;
  /** The trace that the execution belongs to. */
  readonly trace?: TraceContext;
  /** Whose fair share it counts against: 1 to 128 printable ASCII characters. */
  readonly tenant?: string;
  /**
   * Cancels the call when it is aborted, as {@link Call.cancel} does: the result still comes, and is
   * the failure `cancelled`, unless another one was quicker.
   */
  readonly signal?: AbortSignal;
}

/** How a client behaves: every option. */
export interface Settings extends Required<Omit<ClientOptions, "backoff">> {
  readonly backoff: Backoff;
}

/** What is special about one call, checked. */
export interface CallSettings {
  readonly deadlineMs: number | undefined;
  readonly retry: Retry;
  readonly headers: readonly Header[];
  readonly signal: AbortSignal | undefined;
}

/**
 * Fills in what is left out.
 *
 * @throws {@link InvalidOptionError} that names the first option that is wrong.
 */
export function settingsOf(options: ClientOptions): Settings {
  const { firstMs = 100, factor = 2, longestMs = 5000 } = options.backoff ?? {};
  const settings: Settings = {
    subjectPrefix: options.subjectPrefix ?? "",
    inboxPrefix: options.inboxPrefix ?? "_INBOX",
    acceptTimeoutMs: options.acceptTimeoutMs ?? 2000,
    deadlineGraceMs: options.deadlineGraceMs ?? 30_000,
    retry: options.retry ?? "safe",
    backoff: { firstMs, factor, longestMs },
    maxEventBytes: options.maxEventBytes ?? 8 * 1024 * 1024,
    maxValueBytes: options.maxValueBytes ?? 64 * 1024 * 1024,
    mailboxCapacity: options.mailboxCapacity ?? 8192,
  };
  if (typeof settings.subjectPrefix !== "string" || !isSubjectPrefix(settings.subjectPrefix)) {
    const form =
      "tokens of `A-Z`, `a-z`, `0-9`, `_` and `-`, separated by dots, of at most 128 bytes";
    throw new InvalidOptionError("subjectPrefix", form);
  }
  if (typeof settings.inboxPrefix !== "string" || !isInboxPrefix(settings.inboxPrefix)) {
    const form = "tokens without spaces, `*` and `>`, separated by dots, of 1 to 128 bytes";
    throw new InvalidOptionError("inboxPrefix", form);
  }
  checkTime("acceptTimeoutMs", settings.acceptTimeoutMs);
  checkTime("deadlineGraceMs", settings.deadlineGraceMs);
  checkRetry(settings.retry);
  checkTime("backoff.firstMs", firstMs);
  checkTime("backoff.longestMs", longestMs);
  if (!Number.isFinite(factor) || factor < 1) {
    throw new InvalidOptionError("backoff.factor", "a number of at least 1");
  }
  checkCount("maxEventBytes", settings.maxEventBytes, MOST_BYTES);
  checkCount("maxValueBytes", settings.maxValueBytes, MOST_BYTES);
  checkCount("mailboxCapacity", settings.mailboxCapacity, 2 ** 20);
  return settings;
}

/**
 * Fills in what is left out of the options of one call.
 *
 * @throws {@link InvalidOptionError} that names the first option that is wrong.
 */
export function callSettingsOf(options: CallOptions, { retry: usual }: Settings): CallSettings {
  const { deadlineMs, retry = usual, trace, tenant, signal } = options;
  if (deadlineMs !== undefined) {
    checkTime("deadlineMs", deadlineMs);
  }
  checkRetry(retry);
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw new InvalidOptionError("signal", "an AbortSignal");
  }
  return { deadlineMs, retry, headers: requestHeaders(trace, tenant), signal };
}

/** Returns the sum of times, as long as a time can be. */
export function sumMs(...times: readonly number[]): number {
  return Math.min(
    times.reduce((sum, time) => sum + time, 0),
    LONGEST_MS,
  );
}

function checkTime(option: string, ms: number): void {
  if (!Number.isFinite(ms) || ms < 0 || ms > LONGEST_MS) {
    throw new InvalidOptionError(option, `a number of milliseconds from 0 to ${LONGEST_MS}`);
  }
}

function checkCount(option: string, count: number, most: number): void {
  if (!Number.isInteger(count) || count < 1 || count > most) {
    throw new InvalidOptionError(option, `a whole number from 1 to ${most}`);
  }
}

function checkRetry(retry: Retry): void {
  if (!RETRIES.includes(retry)) {
    throw new InvalidOptionError("retry", "`never`, `safe` or `always`");
  }
}
