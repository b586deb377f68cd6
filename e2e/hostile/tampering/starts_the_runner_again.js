// Starts the runner a second time, in a worker that shares the channel. It says that it is ready, which the sandbox cannot be
// twice.
//
// images: ["node"]
// outcome: "protocol_error"
// request: {"timeout_ms": 30000}
import { Worker } from 'node:worker_threads';

export default () => {
  new Worker(process.argv[1], { execArgv: process.execArgv.filter((option) => option.startsWith('--experimental')) });
  return new Promise(() => setInterval(() => {}, 1000));
};
