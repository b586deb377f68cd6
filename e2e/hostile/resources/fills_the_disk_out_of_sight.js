// Writes to files that have no name any more. Their room is not free before they are closed.
//
// images: ["node","deno"]
// outcome: "disk_full"
// request: {"timeout_ms": 30000, "limits": {"disk_bytes": 4194304}}
import fs from 'node:fs';

export default () => {
  for (let index = 0; ; index += 1) {
    const fd = fs.openSync(`/tmp/${index}`, 'w');
    fs.unlinkSync(`/tmp/${index}`);
    fs.writeSync(fd, Buffer.alloc(1 << 18, 1));
  }
};
