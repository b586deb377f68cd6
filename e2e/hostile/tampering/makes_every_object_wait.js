// Gives every object a `then` that never settles. The handler's value then never comes, which is noticed.
//
// images: ["quickjs","node","deno"]
// outcome: "exception"
// details: {"unhandled": "never_settled"}
Object.defineProperty(Object.prototype, 'then', { value() {}, configurable: true, writable: true });

export default () => ({ a: 1 });
