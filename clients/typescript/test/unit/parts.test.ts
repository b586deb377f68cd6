import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { Parts, PartsError } from "../../src/parts.ts";

/** Of `{"a":1}`. */
const SHA256 = "015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862";

function finish(pieces: [number, string][], count: number, sha256 = SHA256, maxBytes = 10): string {
  const parts = new Parts(maxBytes);
  for (const [index, data] of pieces) {
    parts.push({ index, data });
  }
  return parts.finish(count, sha256);
}

function refusal(pieces: [number, string][], count: number): PartsError {
  try {
    finish(pieces, count);
  } catch (error) {
    assert.ok(error instanceof PartsError);
    return error;
  }
  assert.fail("they were taken");
}

test("parts in order make the value", () => {
  const pieces: [number, string][] = [
    [0, '{"a'],
    [1, '":1}'],
  ];
  assert.equal(finish(pieces, 2), '{"a":1}');
});

test("parts that are missing, exchanged or changed are noticed", () => {
  for (const [pieces, count, message] of [
    [[[1, '{"a":1}']], 1, /part 1 .* where part 0 was due/],
    [[[0, '{"a":1}']], 2, /speaks of 2 parts, 1 came/],
    [[[0, '{"a":2}']], 1, /SHA-256/],
    [[[0, ""]], 1, /part 0 .* is empty/],
  ] as [[number, string][], number, RegExp][]) {
    const error = refusal(pieces, count);
    assert.match(error.message, message);
    assert.deepEqual(error.failure.details, { violation: "broken_parts" });
  }
});

test("a value does not grow beyond its bound", () => {
  const error = refusal(
    [
      [0, "123456"],
      [1, "7890€"],
    ],
    2,
  );
  assert.equal(error.failure.code, "result_too_large");
  assert.deepEqual(error.failure.details, { bytes: 13, limit: 10 });
});

test("what the parts make must be JSON that is not too deep", () => {
  for (const text of ["[1,", "[".repeat(137) + "]".repeat(137)]) {
    const sha256 = createHash("sha256").update(text).digest("hex");
    assert.throws(() => finish([[0, text]], 1, sha256, 1000), /make no JSON text/);
  }
});

test("a large value comes out as it went in", () => {
  const text = JSON.stringify("é€😀".repeat(100_000));
  const sha256 = createHash("sha256").update(text).digest("hex");
  const pieces = (text.match(/.{1,5000}/gu) ?? []).map((data, index): [number, string] => [
    index,
    data,
  ]);
  assert.equal(finish(pieces, pieces.length, sha256, 2_000_000), text);
});
