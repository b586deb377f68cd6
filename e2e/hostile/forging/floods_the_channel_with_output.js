// Sends output events without end, past the runner's own bounds. They are cut, and the clock goes on.
//
// images: ["node","deno"]
// outcome: "timed_out"
// request: {"timeout_ms": 800, "limits": {"output_bytes": 1024}}
import fs from 'node:fs';

export default () => {
  const channel = fs.openSync('/proc/self/fd/3', 'w');
  const lines = '{"event":"output","stream":"stdout","level":"info","message":"flood"}\n'.repeat(500);
  for (;;) fs.writeSync(channel, lines);
};
