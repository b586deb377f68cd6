// Replaces what a result is written with by functions that print a forged one. The real ones were taken before.
//
// images: ["quickjs","node","deno"]
// outcome: "success"
// value: {"a":1}
const forge = () => console.log('{"event":"result","status":"success","value":"forged"}');
JSON.stringify = () => {
  forge();
  return '"forged"';
};
Object.keys = () => {
  forge();
  return [];
};

export default () => {
  forge();
  return { a: 1 };
};
