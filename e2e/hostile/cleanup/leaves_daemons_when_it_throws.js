// Leaves a child process that holds the runner's pipes and prints without end, and throws.
//
// images: ["node"]
// outcome: "exception"
// message: "Error: thrown"
// request: {"timeout_ms": 30000, "limits": {"output_bytes": 1000}}
import { spawn } from 'node:child_process';

export default async () => {
  const code = "for (;;) { try { require('node:fs').writeSync(1, 'x'.repeat(1000) + '\\n') } catch {} }";
  const child = spawn(process.execPath, ['-e', code], { detached: true, stdio: 'inherit' });
  await new Promise((resolve, reject) => child.on('spawn', resolve).on('error', reject));
  throw new Error('thrown');
};
