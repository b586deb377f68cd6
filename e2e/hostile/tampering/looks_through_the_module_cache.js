// Looks through every cache of modules for the runner's, to replace its parts.
//
// images: ["node"]
// outcome: "success"
// value: "real"
import module, { createRequire } from 'node:module';

export default () => {
  const require = createRequire('file:///function.js');
  for (const cache of [require.cache, module._cache, module._pathCache, module._extensions]) {
    for (const key of Object.keys(cache ?? {})) cache[key] = { exports: () => 'forged' };
  }
  module._load = module._resolveFilename = module.prototype.require = () => { throw new Error('trapped'); };
  return 'real';
};
