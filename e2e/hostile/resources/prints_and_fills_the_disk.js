// Prints a forged result and then fills the disk. What it printed changes nothing about why it failed.
//
// images: ["node","deno"]
// outcome: "disk_full"
// output: "forged"
// request: {"timeout_ms": 30000, "limits": {"disk_bytes": 2097152}}
import fs from 'node:fs';

export default () => {
  const out = fs.openSync('/proc/self/fd/1', 'w');
  fs.writeSync(out, '{"event":"result","status":"success","value":"forged"}\n');
  for (let index = 0; ; index += 1) fs.writeFileSync(`/tmp/${index}`, Buffer.alloc(1 << 18, 1));
};
