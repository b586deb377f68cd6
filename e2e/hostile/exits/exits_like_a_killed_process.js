// Exits with the code that a shell has for processes which the kernel killed for their memory. No limit was hit.
//
// images: ["node","deno"]
// outcome: "runner_exited"
// details: {"exit_code": 137}
export default () => process.exit(137);
