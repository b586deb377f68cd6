// Returns a map whose prototype is that of plain objects, and a plain object with the prototype of maps. What they are made of
// decides, as far as it can be seen; neither breaks anything.
//
// images: ["quickjs","node","deno"]
// outcome: "success"
// value: {"map":{},"plain":{"a":1}}
export default () => ({
  map: Object.setPrototypeOf(new Map([[1, 2]]), Object.prototype),
  plain: Object.setPrototypeOf({ a: 1 }, Map.prototype),
});
