// The entry point.

import type { NatsConnection } from "@nats-io/transport-node";
import { Call } from "./call.ts";
import { cancel, type Cancellation } from "./control.ts";
import { InvalidOptionError } from "./invalid.ts";
import {
  callSettingsOf,
  settingsOf,
  type CallOptions,
  type ClientOptions,
  type Settings,
} from "./options.ts";
import { PreparedRequest, RequestError } from "./request.ts";
import { collect, type InstanceStatus } from "./status.ts";
import { isExecutionId } from "./subjects.ts";
import { Connection, type MailboxBounds } from "./transport.ts";
import type { RemoteFunctionRequest } from "./wire/remote_function_request.ts";

/**
 * Calls remote functions.
 *
 * @example
 * ```ts
 * const client = await Client.connect("nats://127.0.0.1:4222");
 * const call = client.call({
 *   kind: "resolver",
 *   container_image: "builtin/quickjs",
 *   code: "export default ({ name }) => `Hello, ${name}!`",
 *   inputs: { name: "Ada" },
 * });
 * const { value } = await call.result();
 * await client.close();
 * ```
 */
export class Client {
  readonly #connection: Connection;
  readonly #settings: Settings;

  /**
   * Uses a connection that the application has made, with whatever credentials it needs. Closing the
   * client leaves it open.
   *
   * @throws {@link InvalidOptionError} that names the first option that is wrong.
   *
   * @example
   * ```ts
   * const nats = await connect({ servers: "nats://127.0.0.1:4222", token: "secret" });
   * const client = new Client(nats, { inboxPrefix: "_INBOX.billing" });
   * ```
   */
  constructor(connection: NatsConnection, options?: ClientOptions);
  /** @internal */
  constructor(connection: Connection, options?: ClientOptions);
  constructor(connection: NatsConnection | Connection, options: ClientOptions = {}) {
    this.#settings = settingsOf(options);
    this.#connection =
      connection instanceof Connection
        ? connection
        : new Connection(connection, false, boundsOf(this.#settings));
  }

  /**
   * Connects to the server at `url`, such as `nats://127.0.0.1:4222`; a user and a password may stand
   * in it. A connection that is lost later is made again; calls meanwhile end by their deadline at
   * the latest.
   *
   * @throws {@link InvalidOptionError} that names the first option that is wrong.
   * @throws {@link ConnectError} if the URL is none, or no server answers there.
   */
  static async connect(url: string, options: ClientOptions = {}): Promise<Client> {
    const bounds = boundsOf(settingsOf(options));
    return new Client(await Connection.connect(url, bounds), options);
  }

  /**
   * Calls a function. Nothing is sent before the {@link Call} is asked for its events or its result.
   * A request without an `id` gets one drawn at random. A request that is wrong is not sent: that is
   * the call's result.
   *
   * @throws {@link InvalidOptionError} that names the first option that is wrong.
   */
  call(request: RemoteFunctionRequest, options: CallOptions = {}): Call {
    return new Call({
      connection: this.#connection,
      settings: this.#settings,
      call: callSettingsOf(options, this.#settings),
      request: prepared(request),
    });
  }

  /**
   * Asks the dispatchers to end an execution. Waits up to two seconds for the one that has it.
   *
   * @throws {@link ControlError} if they could not be asked.
   */
  async cancel(id: string): Promise<Cancellation> {
    if (typeof id !== "string" || !isExecutionId(id)) {
      throw new InvalidOptionError("id", "1 to 128 of `A-Z`, `a-z`, `0-9`, `_` and `-`");
    }
    return cancel(this.#connection, this.#settings, id);
  }

  /**
   * Asks every dispatcher how it does. Collects answers for up to a second, and no longer than 300 ms
   * without another one. There are none if no dispatcher is there.
   *
   * @throws {@link ControlError} if they could not be asked.
   */
  async status(): Promise<InstanceStatus[]> {
    return collect(this.#connection, this.#settings);
  }

  /**
   * Closes the client, and the connection if the client made it. Calls under way end at once with the
   * failure `dispatcher_lost`; what they execute is not cancelled.
   */
  async close(): Promise<void> {
    await this.#connection.close();
  }

  /** The same as {@link close}, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

function boundsOf({ mailboxCapacity, maxEventBytes, maxValueBytes }: Settings): MailboxBounds {
  return { messages: mailboxCapacity, bytes: maxEventBytes + maxValueBytes };
}

function prepared(request: RemoteFunctionRequest): PreparedRequest | RequestError {
  try {
    return new PreparedRequest(request);
  } catch (error) {
    if (error instanceof RequestError) {
      return error;
    }
    throw error;
  }
}
