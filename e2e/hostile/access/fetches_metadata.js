// Fetches from the metadata service and from everywhere else that the language's own means lead to. Data that is in the address
// itself shows that it tried, where there is such a thing as fetching at all.
//
// images: ["quickjs","node","deno"]
// outcome: "success"
// value: ["data:,x"]
// per: {"quickjs": {"outcome": "success", "value": []}}
// request: {"timeout_ms": 30000}
const urls = [
  'data:,x', 'http://169.254.169.254/latest/meta-data/', 'http://127.0.0.1:4222/', 'https://example.com/', 'file:///etc/shadow',
];

export default async () => {
  const fetched = [];
  for (const url of urls) {
    try {
      const answer = await fetch(url, { signal: AbortSignal.timeout(1000) });
      await answer.text();
      fetched.push(url);
    } catch { /* refused */ }
  }
  return fetched;
};
