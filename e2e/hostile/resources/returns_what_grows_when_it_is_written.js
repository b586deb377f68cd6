// Returns a small value that shares its parts, so that its text would be larger than any memory. Writing it stops soon after
// the limit.
//
// images: ["quickjs","node","deno"]
// outcome: "result_too_large"
// details: {"limit_name": "result_bytes", "limit": 4096}
// request: {"timeout_ms": 30000, "limits": {"result_bytes": 4096}}
export default () => {
  let value = 'laughs '.repeat(2000);
  for (let level = 0; level < 64; level += 1) value = [value, value];
  return value;
};
