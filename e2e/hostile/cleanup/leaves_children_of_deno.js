// Leaves child processes that wait for ever, started by the runtime's own means.
//
// images: ["deno"]
// outcome: "success"
// value: "left"
export default async () => {
  const child = new Deno.Command(Deno.execPath(), {
    args: ['eval', '--quiet', 'console.log("ready"); setInterval(() => {}, 1000)'],
    env: { DENO_DIR: '/tmp/deno', DENO_NO_UPDATE_CHECK: '1' },
    stdin: 'null',
    stdout: 'piped',
    stderr: 'null',
  }).spawn();
  const reader = child.stdout.getReader();
  await reader.read();
  child.unref();
  return 'left';
};
