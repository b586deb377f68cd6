// Kills its whole process group, in the hope that cyclone is one of it. The runner is alone in its own.
//
// images: ["node","deno"]
// outcome: "runner_exited"
// details: {"signal": 9}
export default () => {
  process.kill(0, 'SIGKILL');
  for (;;);
};
