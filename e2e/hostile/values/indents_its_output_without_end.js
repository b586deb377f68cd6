// Opens group after group of the console, so that each line is longer than the one before.
//
// images: ["quickjs","node","deno"]
// outcome: "success"
// value: "printed"
// request: {"timeout_ms": 30000, "limits": {"output_bytes": 4096}}
export default () => {
  for (let index = 0; index < 20000; index += 1) console.group();
  console.log('x\n'.repeat(100));
  return 'printed';
};
