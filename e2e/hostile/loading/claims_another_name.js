// Claims to be another file, so that its errors would be those of somebody else. Its error is told as an error.
//
// images: ["quickjs","node","deno"]
// outcome: "exception"
// message: "Error: real"
export default () => {
  throw new Error('real');
};
//# sourceURL=/veritech/runner.mjs
//# sourceMappingURL=file:///etc/passwd
