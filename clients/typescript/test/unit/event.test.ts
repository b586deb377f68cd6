import assert from "node:assert/strict";
import { test } from "node:test";
import { decode, EventError } from "../../src/event.ts";

const read = (text: string) => decode(new TextEncoder().encode(text), 10_000);
const result = (rest: string) => `{"event":"result","id":"x-1",${rest}}`;
const FAILURE = '{"code":"exception","origin":"user","retryable":false,"message":"x"}';

test("a null value is not an absent one", () => {
  assert.equal(read(result('"status":"success","value":null')).valueText, "null");
  assert.equal(read(result('"status":"success","unset":true')).valueText, undefined);
});

test("a value keeps its order, spelling and characters", () => {
  for (const json of [
    '{"z":1,"a":1.0,"e":1e+21}',
    '"\\ud83d\\ude00 é 😀"',
    "12345678901234567890",
    "[[[ ]]]",
  ]) {
    assert.equal(read(result(`"value":${json},"status":"success"`)).valueText, json);
  }
});

test("a result that is two things at once, or none, is refused", () => {
  for (const rest of [
    '"status":"success","value":1,"unset":true',
    '"status":"success"',
    '"status":"success","unset":false',
    '"status":"failure","value":1',
    '"status":"failure"',
    `"status":"success","failure":${FAILURE}`,
    `"status":"failure","value":null,"failure":${FAILURE}`,
    '"status":"success","parts":1',
    '"status":"success","sha256":"x"',
    '"status":"success","value":1,"value":2',
  ]) {
    assert.throws(() => read(result(rest)), EventError, rest);
  }
  read(result(`"status":"failure","failure":${FAILURE},"parts":null`));
});

test("what is not of the right shape is refused by its name", () => {
  for (const [text, name] of [
    ['{"id":"x"}', "event"],
    ['{"event":"heartbeat","id":7}', "id"],
    ['{"event":"heartbeat","id":"a.b"}', "id"],
    ['{"event":"accepted","id":"x","instance":"one"}', "heartbeat_ms"],
    ['{"event":"accepted","id":"x","instance":"one","heartbeat_ms":-1}', "heartbeat_ms"],
    ['{"event":"accepted","id":"x","instance":"one","heartbeat_ms":"1"}', "heartbeat_ms"],
    ['{"event":"started","id":"x","sandbox":"s","engine":"e","warm":1,"enforced":{}}', "warm"],
    [
      '{"event":"started","id":"x","sandbox":"s","engine":"e","warm":true,"enforced":{"a":1}}',
      "enforced",
    ],
    ['{"event":"output","id":"x","stream":"stdin","message":""}', "stream"],
    ['{"event":"output","id":"x","stream":"stdout","message":{}}', "message"],
    ['{"event":"output","id":"x","stream":"stdout","message":"","level":"loud"}', "level"],
    ['{"event":"part","id":"x","index":0.5,"data":""}', "index"],
    ['{"event":"part","id":"x","__proto__":{"index":0,"data":""}}', "index"],
    [
      result(
        '"status":"failure","failure":{"code":"toString","origin":"user","retryable":false,"message":""}',
      ),
      "failure",
    ],
    [result('"status":"success","value":1,"timings":{"total_us":"1"}'), "timings"],
    [result('"status":"success","value":1,"usage":[]'), "usage"],
  ] as const) {
    assert.throws(
      () => read(text),
      { name: "EventError", message: new RegExp(`\`${name}\` must be`) },
      text,
    );
  }
  for (const text of ["", "{", "[]", "null", "7", '"x"', "\u0000"]) {
    assert.throws(() => read(text), EventError, text);
  }
});

test("members of a later version do no harm", () => {
  const text =
    '{"event":"heartbeat","id":"x","__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}';
  assert.equal(read(text).event.event, "heartbeat");
  assert.equal(({} as Record<string, unknown>)["polluted"], undefined);
});

test("size and depth are bounded before anything is parsed", () => {
  assert.throws(() => decode(new Uint8Array(11), 10), /is 11 bytes long, the limit is 10/);
  assert.throws(() => read(`{"event":"x","id":null,"a":${"[".repeat(200)}`), /136 levels deep/);
});

test("no bytes make it fail otherwise than it says", () => {
  const sample = result('"status":"success","value":{"a":["\\"",1]},"timings":{"total_us":1}');
  for (let at = 0; at < sample.length; at += 1) {
    for (const character of ['"', "\\", "{", "]", ",", ":", "0", "é"]) {
      try {
        read(sample.slice(0, at) + character + sample.slice(at + 1));
      } catch (error) {
        assert.ok(error instanceof EventError, String(error));
      }
    }
  }
});
