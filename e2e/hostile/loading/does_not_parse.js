// Does not parse, on a line that is told. Nothing of it is evaluated, not even what stands before.
//
// images: ["quickjs","node","deno"]
// outcome: "syntax_error"
// details: {"line": 10, "column": 14}
// no_output: "evaluated"
console.log('evaluated');

export default () => {
  return 1 + ;
};
