// Leaves workers that spin.
//
// images: ["node"]
// outcome: "success"
// value: "left"
// request: {"timeout_ms": 30000, "limits": {"cpu_time_ms": 20000}}
import { Worker } from 'node:worker_threads';

export default async () => {
  for (let index = 0; index < 2; index += 1) {
    const worker = new Worker('for (;;);', { eval: true });
    await new Promise((resolve) => worker.on('online', resolve));
  }
  return 'left';
};
