// Evaluates source that is nested far deeper than any parser follows. It gets an error and stays alive.
//
// images: ["quickjs","node","deno"]
// outcome: "success"
// value: [true,true,true,true]
export default () => [
  `${'['.repeat(1e5)}${']'.repeat(1e5)}`,
  `${'('.repeat(1e5)}1${')'.repeat(1e5)}`,
  `${'!'.repeat(1e5)}1`,
  `${'{'.repeat(1e5)}${'}'.repeat(1e5)}`,
].map((source) => {
  try { new Function(source); } catch (error) { return error instanceof Error; }
  return false;
});
