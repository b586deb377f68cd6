// Sends itself the signal that has Node.js listen for a debugger. The runner has that switched off, so that the signal does what
// it does to every process; where an older Node.js cannot be told so, the debugger listens where nobody is.
//
// images: ["node"]
// outcome: ["runner_exited","success"]
// details: {"signal": 10}
// value: "alone"
export default () => {
  process.kill(process.pid, 'SIGUSR1');
  return new Promise((resolve) => setTimeout(resolve, 200, 'alone'));
};
