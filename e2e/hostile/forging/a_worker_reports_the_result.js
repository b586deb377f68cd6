// A worker reports a result while the main thread spins for ever. It is the function's own value; the spinning is killed.
//
// images: ["node"]
// outcome: "success"
// value: "worker"
// request: {"timeout_ms": 30000}
import { Worker } from 'node:worker_threads';

export default () => {
  const code = `require('node:fs').writeSync(3, '{"event":"result","status":"success","value":"worker"}\\n')`;
  new Worker(code, { eval: true });
  for (;;);
};
