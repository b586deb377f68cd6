// Prints a forged result and throws what is no error while it is loaded.
//
// images: ["quickjs","node","deno"]
// outcome: "exception"
// details: {"class": null, "thrown": "null"}
// output: "forged"
console.log('{"event":"result","status":"success","value":"forged"}');
throw null;
