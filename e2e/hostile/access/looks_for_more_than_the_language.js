// Looks for anything besides the language itself: files, processes, the engine's own modules, its shell's helpers. Of a process
// there is nothing but its variables.
//
// images: ["quickjs"]
// outcome: "success"
// value: []
export default () => {
  const names = [
    'std', 'os', 'bjson', 'scriptArgs', 'loadScript', 'load', 'read', 'require', 'Deno', 'Bun', 'gc', '__loadScript', 'print',
    'exit', 'quit', 'native', 'platform', '__native', 'WebAssembly', 'XMLHttpRequest', 'WebSocket', 'Worker',
  ];
  const found = names.filter((name) => typeof globalThis[name] !== 'undefined');
  return found.concat(Object.keys(globalThis.process ?? {}).filter((name) => name !== 'env'));
};
