// Empties an array from an accessor inside of it, while the runner writes it. What is missing then is a hole or undefined,
// which is no JSON.
//
// images: ["quickjs","node","deno"]
// outcome: "invalid_result"
// details: {"path": "/1"}
export default () => {
  const list = [{ get a() { list.length = 1; return 1; } }, 2, 3];
  return list;
};
