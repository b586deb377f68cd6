// Returns a promise that is to come to itself. The language refuses that, and it is told as an error.
//
// images: ["quickjs","node","deno"]
// outcome: "exception"
// details: {"class": "TypeError"}
export default () => {
  let settle;
  const promise = new Promise((resolve) => { settle = resolve; });
  settle(promise);
  return promise;
};
