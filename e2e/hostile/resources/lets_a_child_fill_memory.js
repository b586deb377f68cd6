// Lets a child process run out of memory and tells so. A limit that the function survives is no failure.
//
// images: ["node"]
// outcome: "success"
// value: "the child is gone"
// request: {"timeout_ms": 30000, "limits": {"memory_bytes": 201326592, "cpu_time_ms": 20000}}
import { spawn } from 'node:child_process';

export default () => new Promise((resolve, reject) => {
  const code = 'const kept = []; for (;;) kept.push(Buffer.alloc(1 << 22, 1))';
  spawn(process.execPath, ['-e', code], { stdio: 'ignore' })
    .on('error', reject)
    .on('exit', () => resolve('the child is gone'));
});
