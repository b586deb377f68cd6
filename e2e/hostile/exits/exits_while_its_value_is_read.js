// Leaves from an accessor while the runner reads the value.
//
// images: ["node","deno"]
// outcome: "runner_exited"
// details: {"exit_code": 5}
export default () => ({
  get a() {
    return process.exit(5);
  },
});
