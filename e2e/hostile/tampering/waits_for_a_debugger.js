// Opens a debugging port and waits for somebody to connect. Nobody can: the time runs out.
//
// images: ["node"]
// outcome: "timed_out"
// request: {"timeout_ms": 800}
import inspector from 'node:inspector';

export default () => {
  try {
    inspector.open(0, '127.0.0.1', true);
  } catch { /* a port may be refused */ }
  for (;;);
};
