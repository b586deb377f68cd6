// Writes a result that never ends. Without a line's end it is no result; what is counted of it beyond every limit must
// either end it or let the time run out.
//
// images: ["node","deno"]
// outcome: ["result_too_large","timed_out"]
// request: {"timeout_ms": 1500, "limits": {"result_bytes": 65536, "output_bytes": 1024}}
import fs from 'node:fs';

export default () => {
  const channel = fs.openSync('/proc/self/fd/3', 'w');
  fs.writeSync(channel, '{"event":"result","status":"success","value":"');
  for (;;) fs.writeSync(channel, 'x'.repeat(65536));
};
