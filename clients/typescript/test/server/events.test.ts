// What comes from a dispatcher, and what the caller gets of it.

import assert from "node:assert/strict";
import { headers } from "@nats-io/transport-node";
import { Client, type Call, type CallError, type Event } from "../../src/index.ts";
import { accepted, heartbeat, output, part, started, value } from "../support/dispatcher.ts";
import { QUICK, request, scene, settle } from "../support/scene.ts";
import { timePasses } from "../support/wait.ts";

async function failureOf(call: Call): Promise<CallError> {
  return call.result().then(
    (result) => assert.fail(`it returned ${result.json}`),
    (error: CallError) => error,
  );
}

scene("events come in order and the result last", {}, async ({ dispatcher, client, server }) => {
  const call = client.call(request("resolver"));
  const script = (async () => {
    const taken = await dispatcher.take();
    const bodies = [accepted(1000), started, output("hi"), heartbeat];
    for (const body of bodies) {
      taken.say(body);
    }
    taken.sayRaw(
      "5",
      `{"event":"result","id":"${taken.id}","status":"success","value":{"b": 1.0}}`,
    );
    // Nothing after the result is read.
    taken.say(value(2));
    return taken.id;
  })();
  const events: Event[] = [];
  for await (const event of call) {
    events.push(event);
  }
  assert.deepEqual(
    events.map(({ event }) => event),
    ["accepted", "started", "output", "heartbeat", "result"],
  );
  const result = await call.result();
  assert.equal(result.json, '{"b": 1.0}');
  assert.deepEqual(result.value, { b: 1 });
  assert.equal(result.id, await script);
  assert.equal(call.id, result.id);
  assert.equal(result.attempts, 1);
  assert.deepEqual(await call.next(), { done: true, value: undefined });
  assert.equal(await server.mailboxes(), 0);
});

scene("a value in parts is put together", {}, async ({ dispatcher, client }) => {
  const call = client.call(request("resolver"));
  const result = call.result();
  const taken = await dispatcher.take();
  taken.say(accepted(1000));
  taken.say(part(0, '{"a'));
  taken.say(part(1, '":1}'));
  const sha256 = "015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862";
  taken.say({ event: "result", status: "success", parts: 2, sha256, usage: { cpu_ms: 3 } });
  assert.deepEqual((await result).value, { a: 1 });
  assert.equal((await result).report.usage.cpu_ms, 3);
  const whole = (await result).toEvent();
  assert.ok(whole.event === "result");
  assert.deepEqual(whole.value, { a: 1 });
});

scene("a function that returns nothing has no value", {}, async ({ dispatcher, client }) => {
  const result = client.call(request("resolver")).result();
  (await dispatcher.take()).say({ event: "result", status: "success", unset: true });
  assert.equal((await result).value, undefined);
  assert.equal((await result).json, undefined);
});

scene("a missing event ends the call", {}, async ({ dispatcher, client }) => {
  const error = failureOf(client.call(request("resolver")));
  const taken = await dispatcher.take();
  taken.say(accepted(1000));
  taken.sayAs(3, value(1));
  assert.equal((await error).code, "sequence_gap");
  assert.deepEqual((await error).failure.details, { expected: 2, found: 3 });
  assert.equal((await error).foundBy, "client");
});

scene("what is no event of this execution ends the call", {}, async ({ dispatcher, client }) => {
  const deep = `{"event":"accepted","id":null,"a":${"[".repeat(100_000)}`;
  for (const [text, violation] of [
    ["", "malformed_event"],
    ["{", "malformed_event"],
    [new Uint8Array([0xff]), "malformed_event"],
    [deep, "malformed_event"],
    ['{"event":"accepted","id":"x","instance":"one","heartbeat_ms":"1"}', "malformed_event"],
    ['{"event":"accepted","id":"other","instance":"one","heartbeat_ms":1}', "foreign_event"],
    ['{"event":"heartbeat","id":"mine"}', "untimely_event"],
  ] as const) {
    const error = failureOf(client.call(request("resolver", { id: "mine" })));
    (await dispatcher.take()).sayRaw("1", text);
    assert.equal((await error).code, "internal");
    assert.equal((await error).foundBy, "client");
    assert.equal((await error).failure.details?.["violation"], violation);
  }
});

scene(
  "headers that cannot be read, or are too many, are as good as none",
  {},
  async ({ dispatcher, client }) => {
    const many = headers();
    for (let n = 0; n < 2000; n += 1) {
      many.set(`Name-${n}`, "x");
    }
    many.set("Veritech-Sequence", "1");
    for (const map of [undefined, many]) {
      const error = failureOf(client.call(request("resolver")));
      const { message, id } = await dispatcher.take();
      const text = JSON.stringify({ id, ...accepted(1000) });
      dispatcher.nats.publish(message.reply ?? "", text, map === undefined ? {} : { headers: map });
      assert.equal((await error).failure.details?.["violation"], "unnumbered_event");
    }
  },
);

scene(
  "a slow reader loses what is more than its mailbox holds",
  { options: { mailboxCapacity: 2 } },
  async (it) => {
    const { dispatcher, client } = it;
    const call = client.call(request("resolver"));
    const first = call.next();
    const taken = await dispatcher.take();
    taken.say(accepted(1000));
    assert.equal((await first).value?.event, "accepted");
    for (let n = 0; n < 4; n += 1) {
      taken.say(heartbeat);
    }
    await settle(it);
    const error = failureOf(call);
    taken.say(value(1));
    assert.equal((await error).code, "sequence_gap");
    assert.deepEqual((await error).failure.details, { expected: 4, found: 6 });
  },
);

scene("a slow reader finds the result and not a silence", {}, async (it) => {
  const { dispatcher, client } = it;
  const call = client.call(request("resolver"));
  const first = call.next();
  const taken = await dispatcher.take();
  taken.say(accepted(1));
  await first;
  taken.say(started);
  taken.say(value(7));
  await settle(it);
  // Longer than three heartbeats, none of which is taken for shorter than 10 ms.
  await timePasses(50);
  assert.equal((await call.result()).value, 7);
});

scene(
  "a silent dispatcher is lost, and so is one behind a dead server",
  {},
  async ({ server, dispatcher, client }) => {
    const silent = client.call(request("resolver"));
    const first = silent.next();
    const taken = await dispatcher.take();
    taken.say(accepted(20));
    taken.say(started);
    assert.equal((await first).value?.event, "accepted");
    const lost = await failureOf(silent);
    assert.equal(lost.code, "dispatcher_lost");
    assert.equal(lost.attempts, 1, "what was started is not repeated");
    assert.equal(lost.failure.details?.["limit_ms"], 60);

    const behind = client.call(request("resolver"));
    const event = behind.next();
    (await dispatcher.take()).say(accepted(20));
    assert.equal((await event).value?.event, "accepted");
    await server.kill();
    assert.equal((await failureOf(behind)).code, "dispatcher_lost");
  },
);

scene(
  "where only the result is sent, silence means nothing",
  { options: { acceptTimeoutMs: 1 } },
  async ({ dispatcher, client }) => {
    const call = client.call(request("resolver", { replies: "result" }));
    const event = call.next();
    const taken = await dispatcher.take();
    assert.equal(taken.request.replies, "result");
    await timePasses(20);
    taken.sayAs(4, value(1));
    assert.equal((await event).value?.event, "result");
    assert.equal((await call.result()).attempts, 1);
  },
);

scene("calls go on when a lost connection comes back", {}, async ({ server, dispatcher }) => {
  await using client = await Client.connect(server.url, QUICK);
  await server.kill();
  const result = client.call(request("resolver")).result();
  await server.revive();
  const answering = (async () => {
    for (;;) {
      (await dispatcher.take()).say(value(1));
    }
  })();
  answering.catch(() => undefined);
  assert.equal((await result).value, 1);
});

scene("every instance is asked for its status", {}, async ({ dispatcher, client }) => {
  assert.deepEqual(await client.status(), []);
  dispatcher.nats.subscribe("$SRV.STATS.veritech", {
    callback: (_, question) => {
      for (const id of ["b", "a"]) {
        const endpoint = {
          name: "function",
          subject: "veritech.function.>",
          num_requests: 3,
          data: { places: 4 },
        };
        question.respond(
          JSON.stringify({ name: "veritech", id, version: "0.1.0", endpoints: [endpoint] }),
        );
      }
      question.respond("no JSON");
      question.respond(JSON.stringify({ name: "veritech", id: 7, version: "0.1.0" }));
    },
  });
  await dispatcher.nats.flush();
  const status = await client.status();
  assert.deepEqual(
    status.map(({ id }) => id),
    ["a", "b"],
  );
  assert.deepEqual(status[0]?.endpoints?.[0]?.data, { places: 4 });
});
