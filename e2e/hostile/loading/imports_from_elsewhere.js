// Imports from the network, from files, from data and from packages. Only the runtime's own modules are there.
//
// images: ["quickjs","node","deno"]
// outcome: "success"
// value: ["node:path"]
// per: {"quickjs": {"outcome": "success", "value": []}}
// request: {"timeout_ms": 30000}
export default async () => {
  const specifiers = [
    'node:path', 'https://example.com/x.js', 'http://169.254.169.254/', 'file:///etc/passwd', '/etc/passwd', './function.js',
    'data:text/javascript,export default 1', 'blob:null/x', 'npm:left-pad', 'jsr:@std/path', 'left-pad', 'std', 'os', 'bjson',
    'node:internal/bootstrap/realm', 'node:nothing', 'ext:core/mod.js', 'function.js', '', '#x', '..',
  ];
  const loaded = [];
  for (const specifier of specifiers) {
    try {
      await import(specifier);
      loaded.push(specifier);
    } catch { /* refused */ }
  }
  return loaded;
};
