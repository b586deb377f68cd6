// Reads what a dispatcher sends to a mailbox. It is not believed before it is checked.

import { FAILURE_CODES } from "./failure.ts";
import { bounded, members, OutOfBounds } from "./json.ts";
import {
  absentOr,
  anything,
  count,
  flag,
  isObject,
  misfit,
  object,
  oneOf,
  optional,
  shaped,
  text,
  texts,
  type Shape,
} from "./shape.ts";
import { isExecutionId } from "./subjects.ts";
import type { Event } from "./wire/event.ts";

/** The deepest nesting of an event: that of a value, and what wraps it. */
export const MAX_EVENT_DEPTH = 136;

/** The event that is the last one. */
export type ResultEvent = Extract<Event, { event: "result" }>;

/** An event as it was read. */
export interface Decoded {
  readonly event: Event;
  /** The text of the value that the event holds, if it holds one. */
  readonly valueText?: string;
}

/** Bytes that are no event. */
export class EventError extends Error {
  override name = "EventError";
}

const FAILURE: Shape = {
  code: oneOf(FAILURE_CODES),
  origin: oneOf(["user", "request", "system"]),
  retryable: flag,
  message: text,
  details: absentOr(object),
};

const PHASES = ["queued", "image", "sandbox", "connect", "ready", "execute", "hand_over", "total"];
const TIMINGS: Shape = Object.fromEntries(
  PHASES.map((phase) => [`${phase}_us`, absentOr(count)] as const),
);

const USAGE: Shape = {
  cpu_ms: absentOr(count),
  memory_peak_bytes: optional(count),
  output_bytes: absentOr(count),
  output_truncated: absentOr(flag),
};

const SHAPES: Readonly<Record<Event["event"], Shape>> = {
  accepted: { instance: text, heartbeat_ms: count },
  progress: { phase: oneOf(["pulling", "unpacking", "starting"]), done: count, total: count },
  started: { sandbox: text, engine: text, warm: flag, enforced: texts },
  output: {
    stream: oneOf(["stdout", "stderr"]),
    level: optional(oneOf(["debug", "info", "warn", "error"])),
    message: text,
    timestamp: optional(text),
  },
  heartbeat: {},
  part: { index: count, data: text },
  result: {
    status: oneOf(["success", "failure"]),
    value: anything,
    unset: absentOr(flag),
    parts: optional(count),
    sha256: optional(text),
    failure: optional(shaped(FAILURE)),
    timings: absentOr(shaped(TIMINGS)),
    usage: absentOr(shaped(USAGE)),
    image_digest: optional(text),
  },
};

/**
 * Reads an event of at most `maxBytes`. Members that it does not know are ignored, and so are the
 * members of an event that it does not know.
 *
 * @throws {@link EventError} that says what is wrong.
 */
export function decode(bytes: Uint8Array, maxBytes: number): Decoded {
  try {
    const json = bounded(bytes, maxBytes, MAX_EVENT_DEPTH);
    return checked(json, JSON.parse(json));
  } catch (error) {
    if (error instanceof OutOfBounds) {
      throw new EventError(`the event ${error.message}`);
    }
    if (error instanceof SyntaxError) {
      throw malformed("it is no JSON, or has a member twice");
    }
    throw error;
  }
}

function checked(json: string, parsed: unknown): Decoded {
  if (!isObject(parsed)) {
    throw malformed("it must be an object");
  }
  const problem = misfit(parsed, { event: text, id: optional(text) });
  if (problem !== undefined) {
    throw malformed(problem);
  }
  const { event: name, id = null } = parsed as { event: string; id?: string | null };
  if (id !== null && !isExecutionId(id)) {
    throw malformed("`id` must be an execution id");
  }
  const event = { ...parsed, id } as unknown as Event;
  if (!Object.hasOwn(SHAPES, name)) {
    return { event };
  }
  const problemInBody = misfit(parsed, SHAPES[event.event]);
  if (problemInBody !== undefined) {
    throw malformed(problemInBody);
  }
  if (event.event !== "result") {
    return { event };
  }
  const valueText = members(json).get("value");
  if (!isOneThing(event, valueText !== undefined)) {
    throw malformed("a result has either a value, or unset, or parts, or a failure");
  }
  return valueText === undefined ? { event } : { event, valueText };
}

/** Whether the result says one thing and not two, or none. */
function isOneThing(result: ResultEvent, hasValue: boolean): boolean {
  const hasFailure = (result.failure ?? undefined) !== undefined;
  const hasParts = (result.parts ?? undefined) !== undefined;
  const hasDigest = (result.sha256 ?? undefined) !== undefined;
  const isUnset = result.unset === true;
  if (
    hasParts !== hasDigest ||
    [hasValue, isUnset, hasParts, hasFailure].filter(Boolean).length !== 1
  ) {
    return false;
  }
  return hasFailure === (result.status === "failure");
}

function malformed(problem: string): EventError {
  return new EventError(`the event is malformed: ${problem}`);
}
