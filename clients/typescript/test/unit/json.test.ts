import assert from "node:assert/strict";
import { test } from "node:test";
import { bounded, isDeeperThan, members } from "../../src/json.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

test("brackets in strings do not count", () => {
  assert.equal(isDeeperThan(bytes('["[[[[\\"[[[["]'), 1), false);
  assert.equal(isDeeperThan(bytes('["[[[[\\\\",[]]'), 1), true);
});

test("each bound is named with its figures", () => {
  assert.throws(() => bounded(bytes("123456"), 5, 9), /is 6 bytes long, the limit is 5/);
  assert.throws(() => bounded(bytes("[[1]]"), 9, 1), /more than 1 levels deep/);
  assert.throws(() => bounded(new Uint8Array([0x61, 0xff]), 9, 1), /not UTF-8/);
});

test("a byte order mark is not dropped", () => {
  assert.throws(() => JSON.parse(bounded(bytes("\ufeff1"), 9, 1)), SyntaxError);
});

test("a depth that would exhaust a parser is refused before it is parsed", () => {
  const text = "[".repeat(1_000_000);
  assert.throws(() => bounded(bytes(text), 2_000_000, 136), /levels deep/);
});

test("the text of members is what it was", () => {
  const text = '{ "z" : 1.0 ,"\\u0061":{"b": [1, "}\\\\"]}\n,"s":"\\"",\t"n":null ,"e":1E400 }';
  assert.deepEqual(
    [...members(text)],
    [
      ["z", "1.0"],
      ["a", '{"b": [1, "}\\\\"]}'],
      ["s", '"\\""'],
      ["n", "null"],
      ["e", "1E400"],
    ],
  );
  assert.deepEqual([...members("{}")], []);
  assert.deepEqual([...members(' { "__proto__" : [ ] } ')], [["__proto__", "[ ]"]]);
});

test("members of the same name are refused", () => {
  assert.throws(() => members('{"a":1,"\\u0061":2}'), SyntaxError);
});

test("members are those that parsing finds", () => {
  // Numbers that look random and are the same each time.
  let seed = 7;
  const draw = (below: number) => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((seed / 2_147_483_648) * below);
  };
  const random = (depth: number): unknown => {
    switch (draw(depth > 3 ? 5 : 7)) {
      case 0:
        return null;
      case 1:
        return draw(2) === 0;
      case 2:
        return (draw(2000) - 1000) / (draw(9) + 1);
      case 3:
      case 4:
        return ["", '"', "\\", "\\\\", "{[", "]}", ",:", "é😀\n"][draw(8)];
      case 5:
        return Array.from({ length: draw(4) }, () => random(depth + 1));
      default:
        return object(depth + 1);
    }
  };
  const object = (depth: number) => {
    const names = Array.from({ length: draw(5) }, () => `k${draw(99)}"\\{`);
    return Object.fromEntries(names.map((name) => [name, random(depth)]));
  };
  for (let round = 0; round < 2000; round += 1) {
    const whole = object(0);
    const text = JSON.stringify(whole, null, draw(3));
    const found = [...members(text)].map(([name, it]) => [name, JSON.parse(it) as unknown]);
    assert.deepEqual(Object.fromEntries(found), JSON.parse(text));
  }
});
