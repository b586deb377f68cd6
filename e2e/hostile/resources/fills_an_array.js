// Fills arrays as long as they may be, joins, spreads and sorts them. It is ended for whichever limit that hits first.
//
// images: ["quickjs","node","deno"]
// outcome: ["out_of_memory","timed_out","exception"]
// request: {"timeout_ms": 1500, "limits": {"memory_bytes": 134217728}}
export default () => {
  const long = new Array(4294967295);
  long.fill(1);
  return [...long, ...long].sort().join().length;
};
