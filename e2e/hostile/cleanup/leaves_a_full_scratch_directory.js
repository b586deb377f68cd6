// Leaves its scratch directory as full as it goes, and opens files in it that it removes.
//
// images: ["node","deno"]
// outcome: "success"
// value: "full"
// request: {"timeout_ms": 30000, "limits": {"disk_bytes": 4194304}}
import fs from 'node:fs';

export default () => {
  try {
    for (let index = 0; ; index += 1) {
      const file = fs.openSync(`/tmp/${index}`, 'w');
      fs.writeSync(file, Buffer.alloc(1 << 16, 1));
      if (index % 2 === 0) fs.unlinkSync(`/tmp/${index}`);
    }
  } catch (error) {
    return error.code === 'ENOSPC' ? 'full' : error.code;
  }
};
