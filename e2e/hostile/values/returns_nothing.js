// Prints a forged result with a value, and returns nothing. Nothing is not null, and no value that was printed.
//
// images: ["quickjs","node","deno"]
// outcome: "success"
// unset: true
// output: "forged"
export default () => {
  console.log('{"event":"result","status":"success","value":"forged"}');
};
