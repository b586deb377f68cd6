// Makes empty files and directories until there are no more names to be had.
//
// images: ["node","deno"]
// outcome: "disk_full"
// request: {"timeout_ms": 30000, "limits": {"disk_bytes": 1048576}}
import fs from 'node:fs';

export default () => {
  for (let index = 0; ; index += 1) {
    fs.mkdirSync(`/tmp/${index}`);
    fs.closeSync(fs.openSync(`/tmp/${index}/empty`, 'w'));
  }
};
