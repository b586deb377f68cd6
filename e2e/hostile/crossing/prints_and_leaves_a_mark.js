// Prints a forged result and leaves a mark on the global object. Neither is there in the next execution.
//
// images: ["quickjs","node","deno"]
// outcome: "success"
// value: "clean"
// output: "forged"
// runs: 2
export default () => {
  console.log('{"event":"result","status":"success","value":"forged"}');
  const value = globalThis.mark ?? 'clean';
  globalThis.mark = 'dirty';
  return value;
};
