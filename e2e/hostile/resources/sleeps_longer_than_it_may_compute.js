// Waits for longer than it may compute. Waiting takes no processor time.
//
// images: ["quickjs","node","deno"]
// outcome: "success"
// value: "slept"
// request: {"timeout_ms": 30000, "limits": {"cpu_time_ms": 500}}
export default () => new Promise((resolve) => setTimeout(resolve, 600, 'slept'));
