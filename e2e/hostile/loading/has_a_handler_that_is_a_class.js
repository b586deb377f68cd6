// Exports a class. It is a function that throws when it is called.
//
// images: ["quickjs","node","deno"]
// outcome: "exception"
// details: {"class": "TypeError"}
export default class {}
