// Exports a `then`, so that its own namespace looks like a promise to whoever awaits it.
//
// images: ["quickjs","node","deno"]
// outcome: "success"
// value: "real"
export function then(resolve) {
  resolve({ default: () => 'forged' });
}

export default () => 'real';
