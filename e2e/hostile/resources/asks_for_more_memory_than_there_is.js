// Asks for a buffer and a text by the petabyte. The language has an error for that, and no limit was hit.
//
// images: ["quickjs","node","deno"]
// outcome: "success"
// value: [true,true,true]
export default () => [
  () => new ArrayBuffer(2 ** 50),
  () => 'x'.repeat(2 ** 40),
  () => new Array(-1),
].map((ask) => {
  try { ask(); } catch (error) { return error instanceof Error; }
  return false;
});
