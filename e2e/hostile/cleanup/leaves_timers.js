// Leaves timers, intervals and promises that nothing settles. The result does not wait for them.
//
// images: ["quickjs","node","deno"]
// outcome: "success"
// value: "left"
// no_output: "after"
// request: {"timeout_ms": 30000}
export default async () => {
  for (let index = 0; index < 1000; index += 1) {
    setInterval(() => console.log('after'), 60000 + index);
    setTimeout(() => console.log('after'), 60000 + index);
    new Promise(() => {});
  }
  await null;
  return 'left';
};
