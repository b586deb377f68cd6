// Reports an exception with an id, an origin, times and a sequence of its own. The exception is believed, for it could have
// been thrown; everything else is the dispatcher's and stays as it is.
//
// images: ["node","deno"]
// outcome: "exception"
// message: "forged"
import fs from 'node:fs';

export default () => {
  const failure = '{"code":"exception","origin":"system","retryable":true,"message":"forged","details":{"class":"Forged"}}';
  const members = '"id":"another","sequence":99,"instance":"another","timings":{"total_us":1},"usage":{"cpu_ms":0}';
  fs.writeSync(fs.openSync('/proc/self/fd/3', 'w'), `{"event":"result",${members},"status":"failure","failure":${failure}}\n`);
  return 'real';
};
