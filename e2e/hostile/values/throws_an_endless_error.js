// Throws an error whose message, name and stack are texts of many megabytes, and whose causes have no end. All of it is cut.
//
// images: ["quickjs","node","deno"]
// outcome: "exception"
// message: "xxxx"
// request: {"timeout_ms": 30000}
class Endless extends Error {
  get cause() { return new Endless(); }
}

export default () => {
  const long = 'x'.repeat(1 << 22);
  const error = new Endless(long);
  Object.defineProperty(error, 'name', { value: long });
  Object.defineProperty(error, 'stack', { value: `at function.js:1:1\n`.repeat(1 << 17) });
  Object.defineProperty(error, 'cause', { get: () => new Endless(long), enumerable: true });
  throw error;
};
