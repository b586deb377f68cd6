// Replaces every clock that it can see. Times are measured outside.
//
// images: ["quickjs","node","deno"]
// outcome: "success"
// value: "real"
// output: "late"
Date.now = () => -1e15;
Date.prototype.toISOString = () => 'yesterday';
globalThis.Date = class { static now() { return NaN; } };
for (const [holder, name] of [[globalThis.performance, 'now'], [globalThis.process, 'hrtime']]) {
  if (holder) Reflect.set(holder, name, () => -Infinity);
}

export default () => {
  console.time?.('x');
  console.timeEnd?.('x');
  console.log('late');
  return 'real';
};
