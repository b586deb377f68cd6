// Aborts, as V8 does when its heap is full. There was memory left, so it is an exit and no limit.
//
// images: ["node"]
// outcome: "runner_exited"
export default () => process.abort();
