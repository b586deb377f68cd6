// A child process that has the runner's channel waits until the parent is done and reports another result. The sandbox is
// killed with the first result and nothing that comes later is read.
//
// images: ["node"]
// outcome: "success"
// value: "parent"
import { spawn } from 'node:child_process';

export default async () => {
  const code = `const fs = require('node:fs');
    setTimeout(() => { for (;;) fs.writeSync(3, '{"event":"result","status":"success","value":"child"}\\n'); }, 200);`;
  const child = spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'ignore', 'ignore', 3], detached: true });
  await new Promise((resolve, reject) => child.on('spawn', resolve).on('error', reject));
  return 'parent';
};
