// Returns an array of four thousand million elements, none of which is there.
//
// images: ["quickjs","node","deno"]
// outcome: "invalid_result"
// details: {"path": "/0", "type": "hole"}
export default () => {
  const list = [];
  list.length = 4294967295;
  return list;
};
