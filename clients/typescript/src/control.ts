// Ends an execution by its id.

import { Alarm, clock } from "./alarm.ts";
import { bounded } from "./json.ts";
import type { Settings } from "./options.ts";
import { absentOr, flag, isObject, misfit, text } from "./shape.ts";
import { cancelSubject, drawInbox } from "./subjects.ts";
import { SendError, type Connection, type Delivery, type Mailbox } from "./transport.ts";

/** How long to wait for the dispatcher that has an execution, in milliseconds. */
const ANSWER_TIMEOUT_MS = 2000;

/** The largest answer that is read, and how deep it may be nested. */
const MAX_ANSWER = { bytes: 64 * 1024, depth: 16 } as const;

/**
 * What became of a request to cancel: a dispatcher has ended the execution or is about to, and this
 * instance says so; or no dispatcher has an execution of this id.
 */
export type Cancellation =
  { readonly cancelled: true; readonly instance: string } | { readonly cancelled: false };

/** The dispatchers could not be asked, since the connection to NATS takes no messages, now or for good. */
export class ControlError extends Error {
  override name = "ControlError";

  /** @internal */
  constructor(cause?: unknown) {
    super("the connection to NATS does not take a message", { cause });
  }
}

/** Asks every dispatcher to end an execution; the one that has it answers. */
export async function cancel(
  connection: Connection,
  settings: Settings,
  id: string,
): Promise<Cancellation> {
  const until = clock() + ANSWER_TIMEOUT_MS;
  const subject = cancelSubject(settings.subjectPrefix, id);
  const question = await ask(connection, settings, subject, until);
  try {
    for (;;) {
      const delivery = await question.answer(until);
      if (delivery === undefined || delivery.noResponders) {
        return { cancelled: false };
      }
      const instance = instanceThatCancelled(delivery.payload);
      if (instance !== undefined) {
        return { cancelled: true, instance };
      }
    }
  } finally {
    question.close();
  }
}

/** Asks without waiting for an answer, if the connection can be asked at once. */
export function cancelUnheard(connection: Connection, settings: Settings, id: string): void {
  try {
    connection.publish(cancelSubject(settings.subjectPrefix, id), "", []);
  } catch (error) {
    // Nobody listens any more, so there is nobody to tell.
    if (!(error instanceof SendError)) {
      throw error;
    }
  }
}

/** Something that every dispatcher was asked. */
export class Question {
  readonly #mailbox: Mailbox;
  readonly #alarm: Alarm;

  constructor(mailbox: Mailbox, alarm: Alarm) {
    this.#mailbox = mailbox;
    this.#alarm = alarm;
  }

  /** Waits for the next answer; `undefined` if none comes by the time `until`. */
  async answer(until: number): Promise<Delivery | undefined> {
    for (;;) {
      const delivery = this.#mailbox.take();
      if (delivery !== undefined || this.#mailbox.hasEnded || clock() >= until) {
        return delivery;
      }
      await this.#alarm.sleepUntil(until);
    }
  }

  /** Listens no longer. */
  close(): void {
    this.#mailbox.close();
  }
}

/**
 * Asks every dispatcher, with nothing but the subject.
 *
 * @throws {@link ControlError} if they could not be asked by the time `until`.
 */
export async function ask(
  connection: Connection,
  settings: Settings,
  subject: string,
  until: number,
): Promise<Question> {
  const alarm = new Alarm();
  try {
    if (!(await connection.isReady(until, alarm))) {
      throw new ControlError();
    }
    const mailbox = connection.open(drawInbox(settings.inboxPrefix), alarm);
    try {
      connection.publish(subject, "", [], mailbox);
    } catch (error) {
      mailbox.close();
      throw error;
    }
    return new Question(mailbox, alarm);
  } catch (error) {
    throw error instanceof SendError ? new ControlError(error) : error;
  }
}

function instanceThatCancelled(payload: Uint8Array): string | undefined {
  const answer = answered(payload, MAX_ANSWER);
  if (
    answer === undefined ||
    misfit(answer, { cancelled: flag, instance: absentOr(text) }) !== undefined
  ) {
    return undefined;
  }
  const { cancelled, instance = "" } = answer as { cancelled: boolean; instance?: string };
  return cancelled ? instance : undefined;
}

/** Reads an answer, if it is an object. */
export function answered(
  payload: Uint8Array,
  most: { readonly bytes: number; readonly depth: number },
): Record<string, unknown> | undefined {
  try {
    const answer: unknown = JSON.parse(bounded(payload, most.bytes, most.depth));
    return isObject(answer) ? answer : undefined;
  } catch {
    return undefined;
  }
}
