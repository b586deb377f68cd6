// Making a call: attempts, deadlines, cancelling, giving up.

import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { connect } from "@nats-io/transport-node";
import {
  CallAbandonedError,
  Client,
  ConnectError,
  ControlError,
  InvalidOptionError,
  type Call,
  type CallError,
} from "../../src/index.ts";
import { accepted, Dispatcher, failure, heartbeat, started, value } from "../support/dispatcher.ts";
import { QUICK, request, scene } from "../support/scene.ts";
import { eventually } from "../support/wait.ts";
import { NatsServer } from "../support/nats.ts";

async function failureOf(call: Call): Promise<CallError> {
  return call.result().then(
    (result) => assert.fail(`it returned ${result.json}`),
    (error: CallError) => error,
  );
}

async function untilNoMailboxes(server: NatsServer): Promise<void> {
  await eventually(
    "server without mailboxes",
    async () => (await server.mailboxes()) === 0 || undefined,
  );
}

/** Makes the dispatcher as good as absent. */
async function withoutDispatcher({ dispatcher }: { dispatcher: Dispatcher }): Promise<void> {
  await dispatcher.nats.drain();
}

scene("where nobody is, the call fails at once with a result event", {}, async (it) => {
  await withoutDispatcher(it);
  const call = it.client.call(request("action"), { retry: "never" });
  const { value: event } = await call.next();
  assert.ok(event?.event === "result");
  assert.equal(event.id, call.id);
  assert.equal(event.failure?.code, "no_responders");
  assert.equal((await call.next()).done, true);
  assert.equal((await failureOf(call)).code, "no_responders");
  assert.deepEqual((await failureOf(call)).toEvent(), event);
});

scene(
  "a call is repeated until its deadline, and waits for a dispatcher to appear",
  { options: QUICK },
  async (it) => {
    await withoutDispatcher(it);
    const error = await failureOf(it.client.call(request("action"), { deadlineMs: 100 }));
    assert.equal(error.code, "no_responders");
    assert.ok(error.attempts > 1, String(error.attempts));

    const result = it.client.call(request("action")).result();
    await using dispatcher = await Dispatcher.start(it.server);
    const taken = await dispatcher.take();
    taken.say(accepted(1000));
    taken.say(value(7));
    assert.equal((await result).value, 7);
  },
);

scene(
  "what never started is repeated under an id of its own",
  { options: QUICK },
  async ({ dispatcher, client }) => {
    for (const chosen of [undefined, "mine"]) {
      const call = client.call(request("action", chosen === undefined ? {} : { id: chosen }));
      const result = call.result();
      const first = await dispatcher.take();
      first.say(failure("overloaded"));
      const second = await dispatcher.take();
      second.say(accepted(1000));
      second.say(failure("sandbox_start_failed"));
      const third = await dispatcher.take();
      third.say(accepted(1000));
      third.say(value(null));
      assert.equal((await result).value, null);
      assert.equal((await result).attempts, 3);
      const ids = [first.id, second.id, third.id];
      assert.equal((await result).id, third.id);
      assert.equal(new Set(ids).size, chosen === undefined ? 3 : 1);
    }
  },
);

scene(
  "what failed after it was started is repeated only if asked for",
  { options: QUICK },
  async ({ dispatcher, client }) => {
    for (const [retry, attempts] of [
      ["safe", 1],
      ["always", 2],
    ] as const) {
      const error = failureOf(client.call(request("resolver"), { retry }));
      for (const code of (["sandbox_lost", "exception"] as const).slice(0, attempts)) {
        const taken = await dispatcher.take();
        taken.say(accepted(1000));
        taken.say(started);
        taken.say(failure(code));
      }
      assert.equal((await error).attempts, attempts);
      assert.equal((await error).foundBy, "dispatcher");
    }
  },
);

scene(
  "a request that nobody takes is cancelled, and repeated unless it acts",
  { options: { ...QUICK, acceptTimeoutMs: 50 } },
  async ({ dispatcher, client }) => {
    const error = failureOf(client.call(request("action")));
    const ignored = await dispatcher.take();
    assert.equal(await dispatcher.cancellation(), ignored.id);
    assert.equal((await error).code, "not_accepted");
    assert.equal((await error).attempts, 1);

    const result = client.call(request("resolver")).result();
    const first = await dispatcher.take();
    assert.equal(await dispatcher.cancellation(), first.id);
    const second = await dispatcher.take();
    second.say(accepted(1000));
    second.say(value(1));
    assert.ok((await result).attempts >= 2);
  },
);

scene("the deadline ends the call and the execution", {}, async ({ dispatcher, client }) => {
  const error = failureOf(client.call(request("resolver"), { deadlineMs: 100 }));
  const taken = await dispatcher.take();
  taken.say(accepted(1000));
  assert.equal((await error).code, "deadline_exceeded");
  assert.equal(await dispatcher.cancellation(), taken.id);
});

scene(
  "a cancelled call ends with what the dispatcher says",
  { options: QUICK },
  async ({ dispatcher, client }) => {
    const call = client.call(request("resolver"));
    const first = call.next();
    const taken = await dispatcher.take();
    taken.say(accepted(1000));
    assert.equal((await first).value?.event, "accepted");
    const cancellation = call.cancel();
    assert.equal(await dispatcher.cancellation(), call.id);
    assert.deepEqual(await cancellation, { cancelled: true, instance: "one" });

    // A failure that would be repeated otherwise.
    taken.say(failure("shutting_down"));
    assert.equal((await failureOf(call)).code, "shutting_down");
    assert.equal(call.attempts, 1);
  },
);

scene("a cancellation that came too early is repeated", {}, async ({ dispatcher, client }) => {
  const call = client.call(request("resolver"));
  const first = call.next();
  const taken = await dispatcher.take();
  const cancellation = call.cancel();
  assert.equal(await dispatcher.cancellation(), call.id);
  await cancellation;
  taken.say(accepted(1000));
  await first;
  assert.equal(await dispatcher.cancellation(), call.id);
});

scene(
  "a call between two attempts is cancelled at once",
  { options: { backoff: { firstMs: 60_000, longestMs: 60_000 } } },
  async ({ server, dispatcher, client }) => {
    const call = client.call(request("resolver"), { deadlineMs: 600_000 });
    const error = failureOf(call);
    (await dispatcher.take()).say(failure("overloaded"));
    await untilNoMailboxes(server);
    const cancellation = call.cancel();
    await dispatcher.cancellation();
    await cancellation;
    assert.equal((await error).code, "cancelled");
    assert.equal((await error).foundBy, "client");
    assert.equal((await error).attempts, 1);
  },
);

scene("a call cancelled before it began is never sent", {}, async (it) => {
  await withoutDispatcher(it);
  const cancelled = it.client.call(request("resolver"));
  assert.deepEqual(await cancelled.cancel(), { cancelled: false });
  const aborted = it.client.call(request("resolver"), { signal: AbortSignal.abort() });
  for (const call of [cancelled, aborted]) {
    const error = await failureOf(call);
    assert.equal(error.code, "cancelled");
    assert.equal(error.attempts, 0);
  }
});

scene(
  "a signal cancels the call, and is left alone when the call is over",
  {},
  async ({ dispatcher, client }) => {
    const controller = new AbortController();
    const { signal } = controller;
    const over = client.call(request("resolver"), { signal }).result();
    (await dispatcher.take()).say(value(1));
    await over;

    const error = failureOf(client.call(request("resolver"), { signal }));
    const taken = await dispatcher.take();
    taken.say(accepted(1000));
    controller.abort();
    // One for each call that listens.
    assert.equal(await dispatcher.cancellation(), taken.id);
    taken.say(failure("cancelled"));
    assert.equal((await error).code, "cancelled");
    assert.equal((await error).foundBy, "dispatcher");
  },
);

scene("an execution is cancelled by its id", {}, async ({ dispatcher, client }) => {
  const answer = client.cancel("x-1");
  assert.equal(await dispatcher.cancellation(), "x-1");
  assert.deepEqual(await answer, { cancelled: true, instance: "one" });
  await assert.rejects(client.cancel("x.*"), InvalidOptionError);
});

scene(
  "a request too large for the server costs nothing but itself",
  { server: "max_payload: 4096" },
  async ({ dispatcher, client }) => {
    const error = await failureOf(client.call(request("resolver", { code: "é".repeat(2500) })));
    assert.equal(error.code, "request_too_large");
    assert.equal(error.failure.origin, "request");
    assert.equal(error.failure.details?.["limit"], 4096);
    assert.ok(Number(error.failure.details?.["bytes"]) > 5000, JSON.stringify(error.failure));

    const result = client.call(request("resolver")).result();
    (await dispatcher.take()).say(value(1));
    assert.equal((await result).value, 1, "the connection is as good as before");
  },
);

scene(
  "headers count towards the size of a request",
  { server: "max_payload: 1024" },
  async ({ dispatcher, client }) => {
    const id = "x";
    const options = { tenant: "t".repeat(100) };
    const error = await failureOf(
      client.call(request("resolver", { id, code: "x".repeat(850) }), options),
    );
    const excess = Number(error.failure.details?.["bytes"]) - 1024;
    assert.ok(excess > 0, "it would fit without the headers");

    // The server itself takes the largest that the client thinks it takes.
    const result = client
      .call(request("resolver", { id, code: "x".repeat(850 - excess) }), options)
      .result();
    (await dispatcher.take()).say(value(1));
    assert.equal((await result).value, 1);
  },
);

scene("a request that is wrong is never sent", {}, async ({ client }) => {
  const error = await failureOf(client.call(request("resolver", { limits: { cpus: NaN } })));
  assert.equal(error.code, "invalid_request");
  assert.deepEqual(error.failure.details, { field: "limits.cpus" });
});

scene("the trace and the tenant travel with the request", {}, async ({ dispatcher, client }) => {
  const traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  const trace = { traceparent, tracestate: "a=b" };
  const result = client.call(request("resolver"), { trace, tenant: "billing" }).result();
  const taken = await dispatcher.take();
  taken.say(value(1));
  await result;
  const sent = ["traceparent", "tracestate", "Veritech-Tenant"].map((name) =>
    taken.message.headers?.get(name),
  );
  assert.deepEqual(sent, [traceparent, "a=b", "billing"]);
});

scene(
  "subjects and mailboxes have the prefixes that were asked for",
  { options: { subjectPrefix: "staging", inboxPrefix: "_INBOX.billing" }, prefix: "staging." },
  async ({ dispatcher, client }) => {
    const result = client.call(request("action")).result();
    const taken = await dispatcher.take();
    taken.say(value(1));
    await result;
    assert.equal(taken.message.subject, "staging.veritech.function.action");
    assert.match(taken.message.reply ?? "", /^_INBOX\.billing\.[0-9a-f]{32}$/);
    const answer = client.cancel("x-1");
    assert.equal(await dispatcher.cancellation(), "x-1");
    assert.equal((await answer).cancelled, true);
  },
);

scene(
  "a loop that is left releases the mailbox and cancels nothing",
  {},
  async ({ server, dispatcher, client }) => {
    const call = client.call(request("resolver"));
    const script = (async () => {
      const taken = await dispatcher.take();
      taken.say(accepted(1000));
      taken.say(heartbeat);
    })();
    for await (const event of call) {
      assert.equal(event.event, "accepted");
      break;
    }
    await script;
    await untilNoMailboxes(server);
    await assert.rejects(call.result(), CallAbandonedError);
    // The next cancellation is this one, so there was none before.
    const answer = client.cancel("last");
    assert.equal(await dispatcher.cancellation(), "last");
    await answer;
  },
);

scene(
  "a call that is closed ends whoever waits for it",
  {},
  async ({ server, dispatcher, client }) => {
    const call = client.call(request("resolver"));
    const result = call.result();
    await dispatcher.take();
    await call.close();
    await assert.rejects(result, CallAbandonedError);
    await untilNoMailboxes(server);
  },
);

scene(
  "a call that nobody reads on is released after its deadline",
  {},
  async ({ server, dispatcher, client }) => {
    const call = client.call(request("resolver"), { deadlineMs: 300 });
    const first = call.next();
    (await dispatcher.take()).say(accepted(1000));
    await first;
    await untilNoMailboxes(server);
    assert.equal((await failureOf(call)).code, "deadline_exceeded");
  },
);

scene(
  "a call whose result nobody awaits sends no rejection round",
  {},
  async ({ dispatcher, client }) => {
    let rejections = 0;
    const count = () => {
      rejections += 1;
    };
    process.on("unhandledRejection", count);
    const call = client.call(request("resolver"));
    void call.result();
    (await dispatcher.take()).say(failure("exception"));
    await failureOf(call);
    // Node.js tells of rejections after what is due at once.
    await setImmediate();
    process.off("unhandledRejection", count);
    assert.equal(rejections, 0);
  },
);

scene(
  "a client that is closed ends its calls, and leaves a connection that it was given",
  {},
  async ({ server, dispatcher }) => {
    const nats = await connect({ servers: server.url });
    const client = new Client(nats);
    const error = failureOf(client.call(request("resolver")));
    (await dispatcher.take()).say(accepted(1000));
    await client.close();
    assert.equal((await error).code, "dispatcher_lost");
    assert.equal((await failureOf(client.call(request("resolver")))).code, "no_responders");
    await assert.rejects(client.status(), ControlError);
    await nats.flush();
    assert.equal(nats.isClosed(), false);
    await nats.close();

    const late = new Client(nats);
    assert.equal((await failureOf(late.call(request("resolver")))).code, "no_responders");
  },
);

test("where no server listens, or nobody is let in, no client is made", async () => {
  await using server = await NatsServer.start();
  await server.kill();
  await assert.rejects(Client.connect(server.url), ConnectError);
  await assert.rejects(Client.connect("nats://"), ConnectError);
});

test("a user and a password may stand in the URL", async () => {
  await using guarded = await NatsServer.start("authorization { user: u, password: 'p@ss' }");
  await assert.rejects(Client.connect(guarded.url), ConnectError);
  await using client = await Client.connect(guarded.url.replace("://", "://u:p%40ss@"));
  assert.deepEqual(await client.status(), []);
});

test("a mailbox that the server does not allow is told at once", async () => {
  const permissions = "permissions: { subscribe: { deny: '_INBOX.>' } }";
  await using guarded = await NatsServer.start(
    `authorization { users: [{ user: u, password: p, ${permissions} }] }`,
  );
  await using client = await Client.connect(guarded.url.replace("://", "://u:p@"));
  const error = await failureOf(client.call(request("resolver")));
  assert.equal(error.code, "dispatcher_lost");
  assert.match(error.failure.message, /Permissions Violation/);
});
