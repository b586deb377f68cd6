// Loads the runner's own files by way of `require` and changes what they export. Whatever it reaches there, it can change
// nothing but its own value.
//
// images: ["node"]
// outcome: "success"
// value: "real"
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

const require = createRequire('file:///function.js');
const directory = path.dirname(process.argv[1]);

export default () => {
  for (const name of fs.readdirSync(directory).filter((name) => name.endsWith('.mjs'))) {
    try {
      const module = require(path.join(directory, name));
      for (const key of Object.keys(module)) {
        try { module[key] = () => 'forged'; } catch { /* bindings cannot be changed */ }
        for (const inner of Object.keys(module[key] ?? {})) {
          try { module[key][inner] = undefined; } catch { /* frozen */ }
        }
      }
    } catch { /* some cannot be loaded twice */ }
  }
  return 'real';
};
