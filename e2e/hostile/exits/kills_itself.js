// Kills itself as the kernel does for want of memory. It was a signal and no limit.
//
// images: ["node","deno"]
// outcome: "runner_exited"
// details: {"signal": 9}
export default () => {
  process.kill(process.pid, 'SIGKILL');
  for (;;);
};
