// Leaves compiled code in the runtime's cache, which later processes would load instead of compiling.
//
// images: ["node"]
// outcome: "success"
// value: []
// runs: 2
import fs from 'node:fs';
import module from 'node:module';
import os from 'node:os';

export default () => {
  const list = (directory) => {
    try { return fs.readdirSync(directory); } catch { return []; }
  };
  const found = [os.tmpdir(), '/tmp/node-compile-cache', '/.cache'].flatMap(list);
  module.enableCompileCache('/tmp/node-compile-cache');
  fs.writeFileSync('/tmp/module.cjs', 'module.exports = 1');
  module.createRequire('/tmp/')('/tmp/module.cjs');
  module.flushCompileCache();
  return found;
};
