// Lets stack traces have any number of frames and throws from a thousand calls deep. What is told of a stack is cut.
//
// images: ["quickjs","node","deno"]
// outcome: "exception"
// message: "Error: deep"
Error.stackTraceLimit = Infinity;
const descend = (left) => {
  if (left === 0) throw new Error('deep');
  return descend(left - 1) + 1;
};

export default () => descend(1000);
