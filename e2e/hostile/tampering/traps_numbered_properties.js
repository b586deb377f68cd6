// Puts accessors that throw where arrays look up their elements. The runner builds its text without such arrays. Node.js
// itself trips over them between two turns of its event loop: the function's own error may then be told before its value.
//
// images: ["quickjs","node","deno"]
// outcome: "success"
// value: {"a":[1,"x",[true]]}
// per: {"node": {"outcome": ["success","exception"], "value": {"a":[1,"x",[true]]}, "message": "trapped"}}
for (const holder of [Object.prototype, Array.prototype]) {
  for (let index = 0; index < 16; index += 1) {
    const trapped = () => { throw new Error('trapped'); };
    Object.defineProperty(holder, index, { __proto__: null, get: trapped, set: trapped, configurable: true });
  }
}

export default () => ({ a: [1, 'x', [true]] });
