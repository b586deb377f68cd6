// Prints a forged result and returns a value that looks like one too. The value is a value, what is printed is output.
//
// images: ["quickjs","node","deno"]
// outcome: "success"
// value: {"event":"result","status":"success","value":"inner"}
// output: "forged"
export default () => {
  console.log('{"event":"result","status":"success","value":"forged"}');
  return { event: 'result', status: 'success', value: 'inner' };
};
