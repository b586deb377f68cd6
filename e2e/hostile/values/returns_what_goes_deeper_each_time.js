// Returns an object whose accessor makes another such object, without end and without a cycle. Depth is bounded.
//
// images: ["quickjs","node","deno"]
// outcome: "invalid_result"
// details: {"type": "too_deep"}
const endless = () => ({ get next() { return endless(); } });

export default endless;
