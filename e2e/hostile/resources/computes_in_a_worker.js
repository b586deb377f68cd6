// Computes in a worker while the main thread sleeps. The sandbox's time is counted, not a thread's.
//
// images: ["node"]
// outcome: "cpu_exhausted"
// details: {"limit_name": "cpu_time_ms", "limit": 300}
// request: {"timeout_ms": 30000, "limits": {"cpu_time_ms": 300}}
import { Worker } from 'node:worker_threads';

export default () => {
  new Worker('for (;;);', { eval: true });
  return new Promise(() => {});
};
