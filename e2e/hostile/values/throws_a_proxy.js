// Throws a proxy that throws at every look, the proxy itself at that.
//
// images: ["quickjs","node","deno"]
// outcome: "exception"
export default () => {
  const handler = new Proxy({}, { get: () => () => { throw hostile; } });
  const hostile = new Proxy(function () {}, handler);
  throw hostile;
};
