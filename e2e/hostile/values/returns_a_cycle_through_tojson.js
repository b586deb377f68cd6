// Returns a value whose `toJSON` returns the object that holds it.
//
// images: ["quickjs","node","deno"]
// outcome: "invalid_result"
// details: {"type": "cycle"}
export default () => {
  const outer = { inner: { toJSON: () => outer } };
  return outer;
};
