// Tries to move its own deadline and to take another id. The context is frozen, and it is a copy anyway.
//
// images: ["quickjs","node","deno"]
// outcome: "success"
// value: []
export default (inputs, context) => {
  const before = JSON.stringify(context);
  const attempts = [
    () => { context.deadline = Infinity; },
    () => { delete context.id; },
    () => { context.extra = 1; },
    () => Object.defineProperty(context, 'kind', { value: 'action' }),
    () => Object.setPrototypeOf(context, { deadline: 1 }),
  ];
  return attempts.filter((attempt) => {
    try { attempt(); } catch { return false; }
    return JSON.stringify(context) !== before || context.extra === 1;
  }).map(String);
};
