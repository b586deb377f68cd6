// Queues microtasks without end, none of which ever gets its turn.
//
// images: ["node","deno"]
// outcome: "out_of_memory"
// request: {"timeout_ms": 30000, "limits": {"memory_bytes": 100663296, "cpu_time_ms": 20000}}
export default () => {
  for (;;) Promise.resolve().then(() => {});
};
