// Returns arrays that are nested exactly as deep as a value may be, and one more in a second member.
//
// images: ["quickjs","node","deno"]
// outcome: "invalid_result"
// details: {"type": "too_deep"}
const nested = (levels) => {
  let value = [];
  for (let level = 1; level < levels; level += 1) value = [value];
  return value;
};

export default () => ({ fits: nested(127), not: nested(128) });
