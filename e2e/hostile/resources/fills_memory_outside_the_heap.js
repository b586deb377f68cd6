// Keeps buffers that are filled, which no limit of a heap counts.
//
// images: ["node","deno"]
// outcome: "out_of_memory"
// details: {"limit_name": "memory_bytes"}
// request: {"timeout_ms": 30000, "limits": {"memory_bytes": 100663296, "cpu_time_ms": 20000}}
export default () => {
  const kept = [];
  for (;;) kept.push(new Uint8Array(1 << 20).fill(kept.length));
};
