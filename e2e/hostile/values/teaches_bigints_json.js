// Gives big integers a `toJSON`, as the language allows. What that returns is the value.
//
// images: ["quickjs","node","deno"]
// outcome: "success"
// value: {"a":"18446744073709551616"}
BigInt.prototype.toJSON = function () { return `${this}`; };

export default () => ({ a: 2n ** 64n });
