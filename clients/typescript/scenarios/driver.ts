// Makes one call, as lines of JSON on stdin and stdout: for tests of the whole system, and by hand.
//
//     npm run build:scenarios
//     node dist-scenarios/driver.js
//     deno run -A dist-scenarios/driver.js
//
// The first line is `{"server": "nats://…", "request": {…}, "options": {…}}`; a later one,
// `{"do": "cancel"}`, cancels the call. It prints `{"event": …}` for each event, `{"cancellation": …}`
// for each answer, and last `{"outcome": …, "id": …, "attempts": …}`.

import { createInterface } from "node:readline";
import {
  CallError,
  Client,
  ControlError,
  type Call,
  type CallOptions,
  type CallResult,
  type Cancellation,
  type ClientOptions,
  type RemoteFunctionRequest,
  type Retry,
} from "@veritech/client";

interface Order {
  readonly server: string;
  readonly request: RemoteFunctionRequest;
  readonly options?: {
    readonly retry?: Retry;
    readonly deadline_ms?: number;
    readonly accept_timeout_ms?: number;
    readonly max_value_bytes?: number;
    readonly prefix?: string;
  };
}

const stdin = createInterface({ input: process.stdin });
const lines = stdin[Symbol.asyncIterator]();
const first = await lines.next();
if (first.done === true) {
  throw new Error("the first line must say what to call");
}
const order = JSON.parse(first.value) as Order;
await using client = await Client.connect(order.server, clientOptions(order));
const call = client.call(order.request, callOptions(order));
let answered: Promise<void> = Promise.resolve();
void obey(call);
for await (const event of call) {
  print(JSON.stringify({ event }));
}
const { id, attempts, outcome } = await call.result().then(returned, failed);
await answered;
print(`{"outcome":${outcome},"id":${JSON.stringify(id)},"attempts":${attempts}}`);
stdin.close();

/** Does what later lines say, for as long as there are any. */
async function obey(call: Call): Promise<void> {
  for await (const line of { [Symbol.asyncIterator]: () => lines }) {
    if ((JSON.parse(line) as { do?: string }).do === "cancel") {
      answered = call
        .cancel()
        .catch(unasked)
        .then((it) => print(JSON.stringify({ cancellation: it })));
    }
  }
}

function unasked(error: unknown): Cancellation {
  if (error instanceof ControlError) {
    return { cancelled: false };
  }
  throw error;
}

function returned({ id, attempts, json }: CallResult): {
  id: string;
  attempts: number;
  outcome: string;
} {
  // The value as it was written, and not as this language would write it.
  const what = json === undefined ? '"unset":true' : `"value":${json}`;
  return { id, attempts, outcome: `{"status":"success",${what}}` };
}

function failed(error: unknown): { id: string; attempts: number; outcome: string } {
  if (!(error instanceof CallError)) {
    throw error;
  }
  const { id, attempts, failure, foundBy } = error;
  return {
    id,
    attempts,
    outcome: JSON.stringify({ status: "failure", failure, found_by: foundBy }),
  };
}

function clientOptions({ options = {} }: Order): ClientOptions {
  const { accept_timeout_ms, max_value_bytes, prefix } = options;
  return {
    ...(accept_timeout_ms !== undefined && { acceptTimeoutMs: accept_timeout_ms }),
    ...(max_value_bytes !== undefined && { maxValueBytes: max_value_bytes }),
    ...(prefix !== undefined && { subjectPrefix: prefix }),
  };
}

function callOptions({ options = {} }: Order): CallOptions {
  const { retry, deadline_ms } = options;
  return {
    ...(retry !== undefined && { retry }),
    ...(deadline_ms !== undefined && { deadlineMs: deadline_ms }),
  };
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
