// Returns the numbers that are written in odd ways. They are as the language writes them; minus zero is zero.
//
// images: ["quickjs","node","deno"]
// outcome: "success"
// value: [0,5e-324,1.7976931348623157e308,9007199254740992,1e21,0.1]
export default () => [-0, 5e-324, Number.MAX_VALUE, 2 ** 53, 1e21, 0.1];
