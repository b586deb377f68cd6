// Exits with 256, which is 0 to whoever waits for the process. It is no success for that.
//
// images: ["node"]
// outcome: "runner_exited"
// details: {"exit_code": 0}
export default () => process.exit(256);
