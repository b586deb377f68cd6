import assert from "node:assert/strict";
import { test } from "node:test";
import type { RemoteFunctionRequest } from "../../src/index.ts";
import { PreparedRequest, RequestError } from "../../src/request.ts";

const BASE: RemoteFunctionRequest = {
  kind: "resolver",
  container_image: "builtin/quickjs",
  code: "",
};

function refusal(change: Record<string, unknown>): RequestError {
  try {
    new PreparedRequest({ ...BASE, ...change } as RemoteFunctionRequest);
  } catch (error) {
    assert.ok(error instanceof RequestError);
    return error;
  }
  assert.fail(`it was taken: ${JSON.stringify(change)}`);
}

test("what is wrong is named by its field", () => {
  const manyVariables = Object.fromEntries(Array.from({ length: 257 }, (_, n) => [`A${n}`, ""]));
  for (const [change, field] of [
    [{ kind: 7 }, "kind"],
    [{ id: "a b" }, "id"],
    [{ id: "" }, "id"],
    [{ id: "x".repeat(129) }, "id"],
    [{ container_image: "A" }, "container_image"],
    [{ container_image: "../etc" }, "container_image"],
    [{ container_image: "x".repeat(256) }, "container_image"],
    [{ container_tag: "a b" }, "container_tag"],
    [{ code: undefined }, "code"],
    [{ handler: "" }, "handler"],
    [{ handler: "é".repeat(129) }, "handler"],
    [{ handler: "a\0" }, "handler"],
    [{ replies: "all" }, "replies"],
    [{ kind: "action", response_type: "string" }, "response_type"],
    [{ timeout_ms: -1 }, "timeout_ms"],
    [{ timeout_ms: Infinity }, "timeout_ms"],
    [{ queue_timeout_ms: 0.5 }, "queue_timeout_ms"],
    [{ limits: { cpus: 0 } }, "limits.cpus"],
    [{ limits: { cpus: NaN } }, "limits.cpus"],
    [{ env: { "A=B": "x" } }, "env"],
    [{ env: manyVariables }, "env"],
    [{ env: { A: "\0" } }, "env.A"],
    [{ env: { A: 1 } }, "env.A"],
  ] as const) {
    const { failure } = refusal(change);
    assert.equal(failure.code, "invalid_request");
    assert.equal(failure.origin, "request");
    assert.deepEqual(failure.details, { field }, failure.message);
  }
});

test("an unknown kind is told apart, and cut to a sensible length", () => {
  const { failure } = refusal({ kind: `${"o".repeat(63)}€>` });
  assert.equal(failure.code, "unsupported_kind");
  assert.deepEqual(failure.details, { kind: "o".repeat(63) });
});

test("inputs that are no JSON are refused and not thrown", () => {
  const cycle: Record<string, unknown> = {};
  cycle["self"] = cycle;
  for (const inputs of [cycle, 1n, { toJSON: () => assert.fail("as told") }]) {
    assert.equal(refusal({ inputs }).failure.code, "invalid_request");
  }
});

test("names of registries, paths and digests are images", () => {
  const digest = `sha256:${"0a".repeat(32)}`;
  for (const [image, tag] of [
    ["node", "24"],
    ["builtin/quickjs", "latest"],
    ["localhost:5000/a/b__c.d--e", "v1.0-rc_1"],
    ["registry.example.com/team/image", digest],
  ] as const) {
    new PreparedRequest({ ...BASE, container_image: image, container_tag: tag });
  }
  for (const image of [
    "",
    "/",
    "a//b",
    "a/",
    "a_.b",
    "a___b",
    "a:1/b:2",
    "a:65536/b",
    "a:/b",
    "-a",
    "a:b:c/d",
  ]) {
    assert.equal(refusal({ container_image: image }).failure.details?.["field"], "container_image");
  }
});

test("a request is sent as it was, under an id of the client's", () => {
  const inputs = { a: 1 };
  const request = new PreparedRequest({ ...BASE, inputs, timeout_ms: 5000, queue_timeout_ms: 0 });
  inputs.a = 2;
  assert.deepEqual(JSON.parse(request.withId("x-1")), {
    id: "x-1",
    ...BASE,
    inputs: { a: 1 },
    timeout_ms: 5000,
    queue_timeout_ms: 0,
  });
  assert.equal(request.allowedMs, 5000);
  assert.equal(new PreparedRequest(BASE).allowedMs, 40_000);
});

test("an id that the caller chose stays", () => {
  assert.equal(new PreparedRequest({ ...BASE, id: "mine" }).id, "mine");
  assert.equal(new PreparedRequest({ ...BASE, id: null }).id, undefined);
});
