// Listens to every signal and lives on. The one that ends it cannot be listened to.
//
// images: ["node","deno"]
// outcome: "timed_out"
// request: {"timeout_ms": 600}
import os from 'node:os';

export default () => {
  for (const name of Object.keys(os.constants.signals)) {
    try { process.on(name, () => {}); } catch { /* SIGKILL and SIGSTOP */ }
  }
  return new Promise(() => setInterval(() => {}, 1));
};
