// Fills the heap of a worker, which has limits of its own and whose death the main thread may survive.
//
// images: ["node"]
// outcome: "out_of_memory"
// request: {"timeout_ms": 30000, "limits": {"memory_bytes": 134217728, "cpu_time_ms": 20000}}
import { Worker } from 'node:worker_threads';

export default () => new Promise((resolve, reject) => {
  const code = 'const kept = []; for (;;) kept.push(new Uint8Array(1 << 20).fill(1))';
  new Worker(code, { eval: true }).on('error', reject).on('exit', reject);
});
