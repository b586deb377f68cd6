// Throws a thousand errors at once, each with a thousand more.
//
// images: ["quickjs","node","deno"]
// outcome: "exception"
// message: "AggregateError"
export default () => {
  const many = () => Array.from({ length: 1000 }, () => new Error('x'.repeat(1000)));
  throw new AggregateError([...many(), new AggregateError(many())], 'many');
};
