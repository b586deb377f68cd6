// Catches whatever is thrown for want of memory and goes on. A heap that is full cannot be caught.
//
// images: ["node","deno"]
// outcome: "out_of_memory"
// request: {"timeout_ms": 30000, "limits": {"memory_bytes": 100663296, "cpu_time_ms": 20000}}
export default () => {
  const kept = [];
  for (;;) {
    try {
      for (;;) kept.push(new Array(1000).fill(kept.length));
    } catch { /* again */ }
  }
};
