// Grows the memory of a WebAssembly module and writes to all of it.
//
// images: ["node","deno"]
// outcome: "out_of_memory"
// request: {"timeout_ms": 30000, "limits": {"memory_bytes": 100663296, "cpu_time_ms": 20000}}
export default () => {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 65536 });
  for (;;) {
    const before = memory.grow(64) * 65536;
    new Uint8Array(memory.buffer, before).fill(1);
  }
};
