// A server, a dispatcher and a client, which are gone when the test is over.

import { test } from "node:test";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import {
  Client,
  type ClientOptions,
  type Kind,
  type RemoteFunctionRequest,
} from "../../src/index.ts";
import { Dispatcher } from "./dispatcher.ts";
import { NatsServer } from "./nats.ts";
import { LIMIT_MS } from "./wait.ts";

/** What a test has. */
export interface Scene {
  readonly server: NatsServer;
  readonly dispatcher: Dispatcher;
  readonly client: Client;
  /** The client's connection. */
  readonly nats: NatsConnection;
}

/** How a scene is set. */
export interface Setting {
  readonly options?: ClientOptions;
  /** Additional lines of the server's configuration. */
  readonly server?: string;
  /** What the dispatcher's subjects start with. */
  readonly prefix?: string;
}

/** A client that does not wait long between attempts. */
export const QUICK: ClientOptions = { backoff: { firstMs: 5 } };

/** Runs a test in a scene of its own. */
export function scene(name: string, setting: Setting, run: (scene: Scene) => Promise<void>): void {
  test(name, { timeout: 3 * LIMIT_MS }, async () => {
    const server = await NatsServer.start(setting.server);
    const dispatcher = await Dispatcher.start(server, setting.prefix);
    const nats = await connect({ servers: server.url });
    const client = new Client(nats, setting.options);
    try {
      await run({ server, dispatcher, client, nats });
    } finally {
      await client.close();
      await nats.close();
      await dispatcher[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    }
  });
}

/** Waits until the client has everything that the dispatcher has sent before. */
export async function settle({ dispatcher, nats }: Scene): Promise<void> {
  await dispatcher.nats.flush();
  await nats.flush();
}

/** Returns a request. */
export function request(
  kind: Kind,
  more: Partial<RemoteFunctionRequest> = {},
): RemoteFunctionRequest {
  return { kind, container_image: "builtin/quickjs", code: "export default () => 1", ...more };
}
