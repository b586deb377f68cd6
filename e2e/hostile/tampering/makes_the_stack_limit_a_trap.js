// Makes the number of frames in a stack trace an accessor that throws.
//
// images: ["quickjs","node","deno"]
// outcome: "exception"
// message: "Error: real"
try {
  Object.defineProperty(Error, 'stackTraceLimit', { get() { throw new Error('trapped'); }, configurable: true });
} catch { /* not all have it */ }

export default () => {
  throw new Error('real');
};
