// The only module that knows the NATS library.

import { clearTimeout, setTimeout } from "node:timers";
import {
  connect,
  headers as natsHeaders,
  type Msg,
  type NatsConnection,
  type Subscription,
} from "@nats-io/transport-node";
import { clock, type Alarm } from "./alarm.ts";
import { headerBytes, SEQUENCE_HEADER, type Header } from "./headers.ts";

/** How long a connection may take to be made, in milliseconds. */
const CONNECT_TIMEOUT_MS = 5000;

/** How long to wait before a lost connection is tried again, in milliseconds. */
const RECONNECT_WAIT_MS = 500;

/** How long closing waits for what was published last, in milliseconds. */
const FAREWELL_MS = 100;

/** The largest headers that are read, in bytes: many make the library slow, and ours are few. */
const MAX_HEADER_BYTES = 8 * 1024;

/** What NATS says where nobody has subscribed. */
const NO_RESPONDERS = 503;

/** The connection to NATS could not be made; `cause` says why. */
export class ConnectError extends Error {
  override name = "ConnectError";

  /** @internal */
  constructor(cause: unknown) {
    super("failed to connect to NATS", { cause });
  }
}

/** A message that could not be sent. */
export class SendError extends Error {
  override name = "SendError";
  /** How large it is and may be, in bytes, if it is too large; otherwise the connection is closed. */
  readonly size: { readonly bytes: number; readonly limit: number } | undefined;

  constructor(message: string, options: ErrorOptions, size?: { bytes: number; limit: number }) {
    super(message, options);
    this.size = size;
  }
}

/** What came to a mailbox. Nobody is there for what was published, or a message. */
export type Delivery =
  | { readonly noResponders: true }
  | {
      readonly noResponders: false;
      readonly sequence: string | undefined;
      readonly payload: Uint8Array;
    };

/** How much may wait in a mailbox. */
export interface MailboxBounds {
  readonly messages: number;
  readonly bytes: number;
}

/** A connection to NATS. It comes back by itself when it is lost. */
export class Connection {
  readonly #nats: NatsConnection;
  readonly #isOurs: boolean;
  readonly #bounds: MailboxBounds;
  readonly #mailboxes = new Set<Mailbox>();
  #isClosed = false;

  constructor(nats: NatsConnection, isOurs: boolean, bounds: MailboxBounds) {
    this.#nats = nats;
    this.#isOurs = isOurs;
    this.#bounds = bounds;
  }

  /** Connects to the server at `url`. */
  static async connect(url: string, bounds: MailboxBounds): Promise<Connection> {
    try {
      const nats = await connect({
        ...addressOf(url),
        name: "veritech-client",
        timeout: CONNECT_TIMEOUT_MS,
        reconnectTimeWait: RECONNECT_WAIT_MS,
        maxReconnectAttempts: -1,
      });
      return new Connection(nats, true, bounds);
    } catch (error) {
      throw new ConnectError(error);
    }
  }

  /**
   * Waits until the connection takes messages; returns whether it did by the time `until`.
   *
   * What is published while it does not would be kept for ever, or lost.
   */
  async isReady(until: number, alarm: Alarm): Promise<boolean> {
    this.#checkOpen();
    if (this.#nats.info !== undefined) {
      return true;
    }
    void this.#ringOnChange(alarm, until);
    while (this.#nats.info === undefined && clock() < until) {
      await alarm.sleepUntil(until);
      this.#checkOpen();
    }
    return this.#nats.info !== undefined;
  }

  /** Subscribes to a subject; `alarm` is rung whenever something comes. */
  open(subject: string, alarm: Alarm): Mailbox {
    this.#checkOpen();
    const mailbox = sending(() => new Mailbox(this.#nats, subject, this.#bounds, alarm));
    this.#mailboxes.add(mailbox);
    void mailbox.ended.then(() => this.#mailboxes.delete(mailbox));
    return mailbox;
  }

  /** Publishes a message that is to be answered to `mailbox`, if to any. */
  publish(subject: string, text: string, headers: readonly Header[], mailbox?: Mailbox): void {
    this.#checkOpen();
    const payload = new TextEncoder().encode(text);
    const bytes = payload.length + headerBytes(headers);
    const limit = this.#nats.info?.max_payload ?? 0;
    if (bytes > limit) {
      const message = `the message has ${bytes} bytes, the server takes ${limit}`;
      throw new SendError(message, {}, { bytes, limit });
    }
    const options: { reply?: string; headers?: ReturnType<typeof natsHeaders> } = {};
    if (mailbox !== undefined) {
      options.reply = mailbox.subject;
    }
    if (headers.length > 0) {
      options.headers = natsHeaders();
      for (const [name, value] of headers) {
        options.headers.set(name, value);
      }
    }
    sending(() => this.#nats.publish(subject, payload, options));
  }

  /** Gives every mailbox up, and the connection too if it was made here. */
  async close(): Promise<void> {
    if (this.#isClosed) {
      return;
    }
    this.#isClosed = true;
    for (const mailbox of this.#mailboxes) {
      mailbox.close();
    }
    if (this.#isOurs && !this.#nats.isClosed()) {
      await withinFarewell(this.#nats.flush());
      await this.#nats.close();
    }
  }

  #checkOpen(): void {
    if (this.#isClosed || this.#nats.isClosed()) {
      throw closed(undefined);
    }
  }

  /** Rings when the connection is there again or closed; ends with the first news after `until`. */
  async #ringOnChange(alarm: Alarm, until: number): Promise<void> {
    for await (const { type } of this.#nats.status()) {
      if (type === "reconnect" || type === "close") {
        alarm.ring();
        return;
      }
      if (clock() >= until) {
        return;
      }
    }
    alarm.ring();
  }
}

/** A subscription to one subject, with what came and was not taken yet. */
export class Mailbox {
  readonly subject: string;
  /** Resolves when nothing will come any more. */
  readonly ended: Promise<void>;
  readonly #bounds: MailboxBounds;
  readonly #subscription: Subscription;
  #waiting: Delivery[] = [];
  #waitingBytes = 0;
  #hasEnded = false;
  #reason: Error | undefined;

  constructor(nats: NatsConnection, subject: string, bounds: MailboxBounds, alarm: Alarm) {
    this.subject = subject;
    this.#bounds = bounds;
    this.#subscription = nats.subscribe(subject, {
      callback: (error, message) => {
        if (error === null) {
          this.#put(message);
          alarm.ring();
        }
      },
    });
    this.ended = this.#subscription.closed.then((reason) => {
      this.#hasEnded = true;
      this.#reason = reason instanceof Error ? reason : undefined;
      alarm.ring();
    });
  }

  /** Whether nothing will come any more. What came before can still be taken. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Why the server gave the subscription up, if it did. */
  get reason(): Error | undefined {
    return this.#reason;
  }

  /** Takes the next message, if one has come. */
  take(): Delivery | undefined {
    const delivery = this.#waiting.shift();
    this.#waitingBytes -= bytesOf(delivery);
    return delivery;
  }

  /** Gives the subscription up. */
  close(): void {
    this.#subscription.unsubscribe();
  }

  #put(message: Msg): void {
    const delivery = read(message);
    const bytes = this.#waitingBytes + bytesOf(delivery);
    // More is lost, which shows in the numbers of the events.
    if (this.#waiting.length < this.#bounds.messages && bytes <= this.#bounds.bytes) {
      this.#waiting.push(delivery);
      this.#waitingBytes = bytes;
    }
  }
}

function read(message: Msg): Delivery {
  const { data: payload } = message;
  const headers = headersOf(message);
  if (headers?.code === NO_RESPONDERS) {
    return { noResponders: true };
  }
  const sequence = headers?.get(SEQUENCE_HEADER);
  // The library says nothing and an empty text alike.
  return { noResponders: false, sequence: sequence === "" ? undefined : sequence, payload };
}

/** Returns the headers of a message, unless they are not such as can be read. */
function headersOf(message: Msg): Msg["headers"] {
  const { subject, reply = "", data } = message;
  if (sizeOf(message) - subject.length - reply.length - data.length > MAX_HEADER_BYTES) {
    return undefined;
  }
  try {
    return message.headers;
  } catch {
    return undefined;
  }
}

/** Returns the bytes of a message, names and headers included, as the library knows and does not promise. */
function sizeOf(message: Msg & { size?: () => number }): number {
  return message.size?.() ?? 0;
}

function bytesOf(delivery: Delivery | undefined): number {
  return delivery === undefined || delivery.noResponders ? 0 : delivery.payload.length;
}

/** Returns where to connect, and as whom: the library does not look for that in the URL. */
function addressOf(url: string): { servers: string; user?: string; pass?: string } {
  const { protocol, host, username, password } = new URL(
    url.includes("://") ? url : `nats://${url}`,
  );
  const servers = `${protocol}//${host}`;
  if (username === "") {
    return { servers };
  }
  return { servers, user: decodeURIComponent(username), pass: decodeURIComponent(password) };
}

function sending<T>(send: () => T): T {
  try {
    return send();
  } catch (error) {
    throw closed(error);
  }
}

function closed(cause: unknown): SendError {
  return new SendError("the connection to NATS is closed", { cause });
}

async function withinFarewell(work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, FAREWELL_MS);
  });
  // A connection that is lost meanwhile has nothing more to say.
  await Promise.race([work.catch(() => undefined), limit]);
  clearTimeout(timer);
}
