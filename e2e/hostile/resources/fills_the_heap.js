// Keeps small objects until the heap is full. An engine with a limit of its own aborts, others are killed by the kernel: it
// is the request's memory that was too little, and told as that. QuickJS raises an error where only an rlimit bounds it.
//
// images: ["quickjs","node","deno"]
// outcome: "out_of_memory"
// details: {"limit_name": "memory_bytes", "limit": 100663296}
// request: {"timeout_ms": 30000, "limits": {"memory_bytes": 100663296, "cpu_time_ms": 20000}}
export default () => {
  const kept = [];
  for (;;) kept.push({ a: [kept.length], b: `${kept.length}` });
};
