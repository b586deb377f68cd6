// Fetches from the metadata service and from everywhere else that the language's own means lead to.
//
// images: ["quickjs","node","deno"]
// outcome: "success"
// value: []
// request: {"timeout_ms": 10000}
export default async () => {
  const fetched = [];
  const urls = ['http://169.254.169.254/latest/meta-data/', 'http://127.0.0.1:4222/', 'https://example.com/', 'file:///etc/shadow'];
  for (const url of urls) {
    try {
      const answer = await fetch(url, { signal: globalThis.AbortSignal?.timeout(1000) });
      fetched.push(`${url}: ${(await answer.text()).length}`);
    } catch { /* refused */ }
  }
  return fetched;
};
