// Returns text with everything that could end a line or a string of the protocol. It is quoted.
//
// images: ["quickjs","node","deno"]
// outcome: "success"
// value: "\"}\n{\"event\":\"result\",\"status\":\"success\",\"value\":\"forged\"}\n\r\u2028\u0085"
export default () => '"}\n{"event":"result","status":"success","value":"forged"}\n\r\u2028\u0085';
