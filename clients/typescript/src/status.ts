// What the dispatchers say about themselves.

import { clock } from "./alarm.ts";
import { answered, ask } from "./control.ts";
import type { Settings } from "./options.ts";
import type { JsonValue } from "./outcome.ts";
import { absentOr, arrayOf, count, misfit, shaped, text, texts, type Shape } from "./shape.ts";
import { STATS_SUBJECT } from "./subjects.ts";
import type { Connection } from "./transport.ts";

/** How long to collect answers at most, and without another one coming, in milliseconds. */
const WINDOW_MS = { longest: 1000, idle: 300 } as const;

/** The most answers that are kept. */
const MAX_INSTANCES = 1024;

/** The largest answer that is read, and how deep it may be nested. */
const MAX_ANSWER = { bytes: 1024 * 1024, depth: 32 } as const;

/** One instance of the dispatcher, as it answers `$SRV.STATS` (NATS ADR-32). */
export interface InstanceStatus {
  /** The service's name: `veritech`. */
  readonly name: string;
  /** The instance. */
  readonly id: string;
  /** Its version. */
  readonly version: string;
  /** When it was started, in RFC 3339. */
  readonly started?: string;
  /** What else it tells about itself. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** What it serves. */
  readonly endpoints?: readonly EndpointStatus[];
}

/** Something that an instance serves. */
export interface EndpointStatus {
  /** Its name. */
  readonly name: string;
  /** Where it listens. */
  readonly subject: string;
  /** The queue group it shares its work with. */
  readonly queue_group?: string;
  /** Requests it took. */
  readonly num_requests?: number;
  /** Requests that failed. */
  readonly num_errors?: number;
  /** The last failure. */
  readonly last_error?: string;
  /** Time spent on requests, in nanoseconds. */
  readonly processing_time?: number;
  /** The same for one request. */
  readonly average_processing_time?: number;
  /** Veritech's own figures: places, executions that run and wait, warm sandboxes and more. */
  readonly data?: JsonValue;
}

const ENDPOINT: Shape = {
  name: text,
  subject: text,
  queue_group: absentOr(text),
  num_requests: absentOr(count),
  num_errors: absentOr(count),
  last_error: absentOr(text),
  processing_time: absentOr(count),
  average_processing_time: absentOr(count),
};

const INSTANCE: Shape = {
  name: text,
  id: text,
  version: text,
  started: absentOr(text),
  metadata: absentOr(texts),
  endpoints: absentOr(arrayOf(shaped(ENDPOINT))),
};

/**
 * Asks every dispatcher, and collects what comes within the window, in the order of their ids.
 *
 * @throws {@link ControlError} if they could not be asked.
 */
export async function collect(
  connection: Connection,
  settings: Settings,
): Promise<InstanceStatus[]> {
  const until = clock() + WINDOW_MS.longest;
  const question = await ask(connection, settings, STATS_SUBJECT, until);
  const instances: InstanceStatus[] = [];
  try {
    while (instances.length < MAX_INSTANCES) {
      const delivery = await question.answer(Math.min(until, clock() + WINDOW_MS.idle));
      if (delivery === undefined || delivery.noResponders) {
        break;
      }
      const answer = answered(delivery.payload, MAX_ANSWER);
      if (answer !== undefined && misfit(answer, INSTANCE) === undefined) {
        instances.push(answer as unknown as InstanceStatus);
      }
    }
  } finally {
    question.close();
  }
  return instances.sort((a, b) => (a.id < b.id ? -1 : Number(a.id > b.id)));
}
