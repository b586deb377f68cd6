// A zygote: this runner, warm, which is forked for each execution and never gets one itself.
//
// A child has its parent's memory, and with it the state of whatever was to be random. What the language offers of that is made
// anew here; what the runtime draws from the system it had not drawn yet.

import { defineProperty, Words } from './primordials.mjs';

/** Returns a generator of numbers like `Math.random`'s, from four words of a seed: sfc32, by Chris Doty-Humphrey. */
const makeRandom = (seed) => {
  let a = seed[0];
  let b = seed[1];
  let c = seed[2];
  let counter = seed[3];
  const next = () => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + sum) | 0;
    return sum >>> 0;
  };
  for (let round = 0; round < 12; round += 1) next();
  return { random: () => ((next() >>> 5) * 0x4000000 + (next() >>> 6)) / 0x20000000000000 }.random;
};

/** Has the runtime find out, once for all children, what it otherwise would when a function first asks. */
const settle = () => {
  // Without a file that says the time zone, all that there are are compared.
  new Intl.DateTimeFormat().resolvedOptions();
  new Date().toString();
};

/** Serves as a zygote. Returns in each child, which is as good as a process that was just started. */
export const beget = (platform) => {
  settle();
  const error = platform.serveAsZygote();
  if (error !== 0) throw new Error(`the zygote cannot serve: error ${error}`);
  const seed = new Words(4);
  platform.readEntropy(seed);
  defineProperty(Math, 'random', { __proto__: null, value: makeRandom(seed), writable: true, enumerable: false, configurable: true });
};
