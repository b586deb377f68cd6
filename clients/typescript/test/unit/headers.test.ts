import assert from "node:assert/strict";
import { test } from "node:test";
import { headerBytes, requestHeaders } from "../../src/headers.ts";
import { InvalidOptionError } from "../../src/invalid.ts";

const PARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

function refused(option: string): (error: unknown) => boolean {
  return (error) => error instanceof InvalidOptionError && error.option === option;
}

test("nothing that ends a header gets into one", () => {
  for (const text of ["", "a\r\nb: c", "a\n", "ä", "x".repeat(513)]) {
    const trace = { traceparent: PARENT, tracestate: text };
    assert.throws(() => requestHeaders(trace, undefined), refused("trace.tracestate"), text);
    assert.throws(() => requestHeaders(undefined, text), refused("tenant"), text);
  }
  for (const traceparent of ["", "00-", PARENT.toUpperCase(), `${PARENT}-00`, `${PARENT}\n`]) {
    assert.throws(() => requestHeaders({ traceparent }, undefined), refused("trace.traceparent"));
  }
});

test("a trace is carried by two headers and a tenant by one", () => {
  const headers = requestHeaders({ traceparent: PARENT, tracestate: "a=b" }, "billing");
  assert.deepEqual(headers, [
    ["traceparent", PARENT],
    ["tracestate", "a=b"],
    ["Veritech-Tenant", "billing"],
  ]);
  assert.deepEqual(requestHeaders(undefined, undefined), []);
});

test("headers are counted as they are written", () => {
  assert.equal(headerBytes([]), 0);
  const written = "NATS/1.0\r\na: bc\r\nd: e\r\n\r\n";
  const headers = [
    ["a", "bc"],
    ["d", "e"],
  ] as const;
  assert.equal(headerBytes(headers), written.length);
});
