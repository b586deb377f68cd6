// Overflows the stack in accessors, `toJSON`, proxies and sorting, and goes on each time. It gets errors and stays alive.
//
// images: ["quickjs","node","deno"]
// outcome: "success"
// value: [true,true,true,true]
export default () => {
  const overflows = (descend) => {
    try { descend(); } catch (error) { return error instanceof Error; }
    return false;
  };
  const looped = { get a() { return this.a; }, toJSON() { return JSON.stringify(this); } };
  const proxy = new Proxy({}, { get: (target, name, receiver) => receiver[name] });
  const sorted = () => [2, 1].sort(sorted);
  return [overflows(() => looped.a), overflows(() => looped.toJSON()), overflows(() => proxy.x), overflows(sorted)];
};
