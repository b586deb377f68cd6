// A dispatcher that says what a test tells it to.

import {
  connect,
  headers,
  type Msg,
  type NatsConnection,
  type Subscription,
} from "@nats-io/transport-node";
import type { FailureCode, RemoteFunctionRequest } from "../../src/index.ts";
import { failure as failureOf } from "../../src/failure.ts";
import type { NatsServer } from "./nats.ts";

/** An event without its id. */
export type Body = { readonly event: string } & Readonly<Record<string, unknown>>;

/** Takes requests and cancellations from a server. */
export class Dispatcher {
  readonly nats: NatsConnection;
  readonly #requests: AsyncIterator<Msg>;
  readonly #cancellations: AsyncIterator<Msg>;

  private constructor(nats: NatsConnection, requests: Subscription, cancellations: Subscription) {
    this.nats = nats;
    this.#requests = requests[Symbol.asyncIterator]();
    this.#cancellations = cancellations[Symbol.asyncIterator]();
  }

  /** Connects; the server has its subscriptions once this returns. */
  static async start(server: NatsServer, prefix = ""): Promise<Dispatcher> {
    const nats = await connect({
      servers: server.url,
      maxReconnectAttempts: -1,
      reconnectTimeWait: 20,
    });
    const requests = nats.subscribe(`${prefix}veritech.function.>`, { queue: "veritech_dispatch" });
    const cancellations = nats.subscribe(`${prefix}veritech.control.cancel.*`);
    await nats.flush();
    return new Dispatcher(nats, requests, cancellations);
  }

  /** Waits for the next request. */
  async take(): Promise<Taken> {
    return new Taken(this.nats, await nextOf(this.#requests));
  }

  /** Waits for the next cancellation, answers it if it wants an answer, and returns whose it is. */
  async cancellation(): Promise<string> {
    const message = await nextOf(this.#cancellations);
    const id = message.subject.split(".").at(-1) ?? "";
    message.respond(JSON.stringify({ id, cancelled: true, instance: "one" }));
    return id;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.nats.close();
  }
}

/** A request that was taken. */
export class Taken {
  readonly message: Msg;
  readonly request: RemoteFunctionRequest & { readonly id: string };
  readonly #nats: NatsConnection;
  #sequence = 0;

  constructor(nats: NatsConnection, message: Msg) {
    this.#nats = nats;
    this.message = message;
    this.request = message.json();
  }

  get id(): string {
    return this.request.id;
  }

  /** Sends the next event. */
  say(body: Body): void {
    this.#sequence += 1;
    this.sayAs(this.#sequence, body);
  }

  /** Sends an event with a number that may be wrong. */
  sayAs(sequence: number, body: Body): void {
    this.sayRaw(String(sequence), JSON.stringify({ id: this.id, ...body }));
  }

  /** Sends what may be no event. */
  sayRaw(sequence: string, text: string | Uint8Array): void {
    const map = headers();
    map.set("Veritech-Sequence", sequence);
    this.#nats.publish(this.message.reply ?? "", text, { headers: map });
  }
}

async function nextOf(messages: AsyncIterator<Msg>): Promise<Msg> {
  const { value } = (await messages.next()) as { value: Msg | undefined };
  if (value === undefined) {
    throw new Error("the connection was closed where a message was due");
  }
  return value;
}

export function accepted(heartbeat_ms: number): Body {
  return { event: "accepted", instance: "one", heartbeat_ms };
}

export const started: Body = {
  event: "started",
  sandbox: "sbx-1",
  engine: "scripted",
  warm: false,
  enforced: {},
};

export const heartbeat: Body = { event: "heartbeat" };

export function output(message: string): Body {
  return { event: "output", stream: "stdout", level: "info", message };
}

export function part(index: number, data: string): Body {
  return { event: "part", index, data };
}

export function value(it: unknown): Body {
  return { event: "result", status: "success", value: it };
}

export function failure(code: FailureCode): Body {
  return { event: "result", status: "failure", failure: failureOf(code, "as told") };
}
