// Imports data by way of code that is put together at run time, so that no look at the source shows the import. It is refused
// like any other. What may be imported shows that it tried.
//
// images: ["quickjs","node","deno"]
// outcome: "success"
// value: ["node:path"]
// per: {"quickjs": {"outcome": "success", "value": []}}
export default async () => {
  const word = ['imp', 'ort'].join('');
  const specifier = 'data:text/javascript,export default 1';
  const ways = {
    'node:path': () => import('node:path'),
    eval: () => (0, eval)(`${word}('${specifier}')`),
    'direct eval': () => eval(`${word}('${specifier}')`),
    Function: () => new Function(`return ${word}('${specifier}')`)(),
  };
  const loaded = [];
  for (const way in ways) {
    try {
      await ways[way]();
      loaded.push(way);
    } catch { /* refused */ }
  }
  return loaded;
};
