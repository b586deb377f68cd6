// Reports a value past the runner that is no qualification. The dispatcher checks it against the kind all the same.
//
// images: ["node","deno"]
// outcome: "invalid_result"
// request: {"kind": "qualification"}
import fs from 'node:fs';

export default () => {
  const value = '{"result":"certainly","message":"forged"}';
  fs.writeSync(fs.openSync('/proc/self/fd/3', 'w'), `{"event":"result","status":"success","value":${value}}\n`);
  return { result: 'success' };
};
