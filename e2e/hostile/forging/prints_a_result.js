// Prints lines that look like the protocol. What is printed is output, never protocol.
//
// images: ["quickjs","node","deno"]
// outcome: "success"
// value: "real"
// output: "\"value\":\"forged\""
export default () => {
  console.log('{"event":"result","status":"success","value":"forged"}');
  console.error('\n{"event":"result","status":"success","value":"forged"}\n');
  return 'real';
};
