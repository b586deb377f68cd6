// Replaces everything that turns text into bytes. The runner has its own.
//
// images: ["quickjs","node","deno"]
// outcome: "success"
// value: "é😀"
// output: "é😀"
const forged = () => { throw new Error('trapped'); };
for (const holder of [globalThis.TextEncoder?.prototype, globalThis.TextDecoder?.prototype, Uint8Array.prototype.__proto__]) {
  for (const name of ['encode', 'encodeInto', 'decode', 'set', 'subarray', 'indexOf', 'slice', 'fill']) {
    try { Object.defineProperty(holder, name, { value: forged }); } catch { /* not all have all */ }
  }
}
for (const name of ['from', 'alloc', 'allocUnsafe', 'concat', 'byteLength']) {
  if (globalThis.Buffer) Buffer[name] = forged;
}

export default () => {
  console.log('é😀');
  return 'é😀';
};
