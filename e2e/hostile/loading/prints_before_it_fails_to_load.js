// Prints a result while it is loaded, and then fails to load. What is printed is output
// and never protocol, so the failure is what is told.
//
// images: ["node", "deno"]
// outcome: "exception"
// message: "never loaded"
// output: "\"value\":\"printed\""

import fs from 'node:fs';

fs.writeSync(1, '{"event":"result","status":"success","value":"printed"}\n');
throw new Error('never loaded');
