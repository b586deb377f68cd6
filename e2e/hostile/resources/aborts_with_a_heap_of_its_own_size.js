// Makes its own heap smaller and fills that. The engine aborts for want of heap: it ran out of memory, though the limit was its
// own; how the process ended is as true.
//
// images: ["node"]
// outcome: ["out_of_memory","runner_exited"]
// request: {"timeout_ms": 30000, "limits": {"cpu_time_ms": 20000}}
import v8 from 'node:v8';

export default () => {
  v8.setFlagsFromString('--max-old-space-size=24');
  const kept = [];
  for (;;) kept.push(new Array(10000).fill(kept.length));
};
