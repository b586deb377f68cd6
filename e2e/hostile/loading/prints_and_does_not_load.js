// Writes a forged result to the descriptor of standard output while it is loaded, and throws.
//
// images: ["node","deno"]
// outcome: "exception"
// message: "not loaded"
// output: "forged"
import fs from 'node:fs';

fs.writeSync(fs.openSync('/proc/self/fd/1', 'w'), '{"event":"result","status":"success","value":"forged"}\n');
throw new Error('not loaded');
