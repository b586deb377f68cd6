// Asks the stack for the functions and receivers that called the handler, to get hold of the runner. Strict code shows none.
//
// images: ["node","deno"]
// outcome: "success"
// value: {"frames": true, "stolen": []}
export default () => {
  const stolen = [];
  let frames = 0;
  Error.prepareStackTrace = (error, sites) => {
    for (const site of sites) {
      frames += 1;
      for (const ask of ['getFunction', 'getThis']) {
        const found = site[ask]();
        if (found !== undefined && found !== globalThis) stolen.push(`${ask} of ${site.getFileName()}`);
      }
    }
    return '';
  };
  Error.stackTraceLimit = 100;
  void new Error('look').stack;
  return { frames: frames > 0, stolen };
};
