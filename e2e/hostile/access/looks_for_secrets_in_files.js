// Walks through every file that it can read, for a text that only hosts and other functions have. Its own scratch file shows
// that it would be found.
//
// images: ["node","deno"]
// outcome: "success"
// value: ["/tmp/own"]
// request: {"timeout_ms": 30000, "limits": {"cpu_time_ms": 15000}}
import fs from 'node:fs';
import path from 'node:path';

const mark = ['VTCANARY', ''].join('-');
const skipped = new Set(['/proc', '/sys', '/usr', '/lib', '/lib64', '/bin', '/sbin', '/opt', '/veritech']);

const walk = (directory, found, left) => {
  let entries = [];
  try { entries = fs.readdirSync(directory, { withFileTypes: true }); } catch { /* closed */ }
  for (const entry of entries) {
    const file = path.join(directory, entry.name);
    if (skipped.has(file) || left.count <= 0) continue;
    left.count -= 1;
    if (entry.isDirectory()) walk(file, found, left);
    try {
      const kind = fs.statSync(file);
      if (!kind.isFile() || kind.size > 1 << 20) continue;
      const text = fs.readFileSync(file, 'latin1');
      if (text.includes(mark)) found.push(file);
    } catch { /* closed */ }
  }
  return found;
};

export default () => {
  fs.writeFileSync('/tmp/own', mark);
  return walk('/', [], { count: 20000 });
};
