// Leaves listeners of its own end and of the end of objects, which print, throw and never return. Nobody calls them.
//
// images: ["node","deno"]
// outcome: "success"
// value: "left"
// no_output: "after"
// request: {"timeout_ms": 30000}
const after = () => {
  console.log('after');
  for (;;);
};
// Until the end, so that it is the end that would call.
const kept = [];
const registry = new FinalizationRegistry(after);

export default () => {
  for (const name of ['exit', 'beforeExit', 'disconnect', 'SIGTERM', 'SIGHUP']) process.on(name, after);
  for (const name of ['unload', 'beforeunload', 'pagehide']) globalThis.addEventListener?.(name, after);
  for (let index = 0; index < 1e5; index += 1) {
    kept.push({ index });
    registry.register(kept[index], index);
  }
  return 'left';
};
