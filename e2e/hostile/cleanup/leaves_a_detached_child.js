// Leaves a child process in a session of its own that holds every pipe of the runner and ignores what would end it.
//
// images: ["node"]
// outcome: "success"
// value: "left"
import { spawn } from 'node:child_process';

export default () => new Promise((resolve, reject) => {
  const code = "process.on('SIGTERM', () => {}).on('SIGHUP', () => {}); process.send('ready'); setInterval(() => {}, 1000)";
  const child = spawn(process.execPath, ['-e', code], { detached: true, stdio: [0, 1, 2, 3, 'ipc'] });
  child.on('error', reject).on('message', () => {
    child.disconnect();
    child.unref();
    resolve('left');
  });
});
