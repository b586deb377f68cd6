// Returns a proxy that has been revoked: every look at it throws.
//
// images: ["quickjs","node","deno"]
// outcome: "invalid_result"
// details: {"path": "/a", "type": "getter_threw"}
export default () => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return { a: proxy };
};
