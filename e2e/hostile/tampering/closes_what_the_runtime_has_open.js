// Closes every resource that the runtime numbers, the runner's channel among them, by way of its internals where they can be had.
// Without its channel the runner can only exit.
//
// images: ["deno"]
// outcome: ["runner_exited","success"]
// value: "out of reach"
export default () => {
  const core = Deno[Deno.internal]?.core ?? globalThis.__bootstrap?.core;
  const close = core?.tryClose ?? core?.close;
  if (close === undefined) return 'out of reach';
  for (let resource = 0; resource < 100; resource += 1) {
    try { close(resource); } catch { /* there is none */ }
  }
  return 'out of reach';
};
