// Reads the execution from stdin: one line.

import { Bytes } from './primordials.mjs';

const CHUNK_BYTES = 64 * 1024;
const NEWLINE = 10;

/** Reads with `read(bytes) -> count` up to the first newline or the end of input, and decodes it. */
export const readLine = (read) => {
  let bytes = new Bytes(CHUNK_BYTES);
  let filled = 0;
  for (;;) {
    if (filled === bytes.length) {
      const larger = new Bytes(bytes.length * 4);
      larger.set(bytes);
      bytes = larger;
    }
    const count = read(bytes.subarray(filled));
    const end = bytes.subarray(filled, filled + count).indexOf(NEWLINE);
    if (end >= 0) return decode(bytes.subarray(0, filled + end));
    filled += count;
    if (count === 0) return decode(bytes.subarray(0, filled));
  }
};

const decode = (bytes) => new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
