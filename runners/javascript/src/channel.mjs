// The runner's side of the line protocol: JSON lines on descriptor 3.
//
// Lines are put together as text, because serialising an object would look up `toJSON` in a realm the caller's code owns.

import { byteLength, clip, encode, quote, toWellFormed } from './primordials.mjs';

/** Makes the channel; `write` takes bytes and returns when all of them are written. */
export const openChannel = (write) => {
  let limit = Infinity;
  let written = 0;
  let muted = false;
  let closed = false;
  const send = (line) => write(encode(`${line}\n`));

  return {
    /** Says that the runner is warm and waits for its execution. */
    ready: () => send('{"event":"ready"}'),

    /** Sets how many bytes of output are passed on. */
    limitOutput: (bytes) => {
      limit = bytes;
    },

    /** Reports one console call, unless the handler has ended or the limit is passed; one message too many shows the excess. */
    output: (stream, level, message) => {
      if (muted || written > limit) return;
      const text = clip(toWellFormed(message), limit + 1);
      written += byteLength(text);
      send(`{"event":"output","stream":"${stream}","level":"${level}","message":${quote(text)}}`);
    },

    /** Passes on no more output: the handler has ended. */
    mute: () => {
      muted = true;
    },

    /** Reports the result, given as the members that follow `status`; only the first call has an effect. */
    result: (members) => {
      if (closed) return;
      muted = true;
      closed = true;
      send(`{"event":"result",${members}}`);
    },
  };
};
