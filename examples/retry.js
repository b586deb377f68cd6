// Asynchronous, with timers: tries something that fails at first, waiting longer each time.
//
//   veritech run examples/retry.js --inputs '{"failures":3}' --response-type object

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

export default async function retry({ failures }, context) {
  let wait = 10;
  for (let attempt = 1; ; attempt += 1) {
    try {
      await unreliable(attempt, failures);
      return { attempts: attempt };
    } catch (error) {
      if (Date.now() + wait > context.deadline) {
        throw new Error("no time is left for another attempt", { cause: error });
      }
      console.warn(`attempt ${attempt}: ${error.message}; waiting ${wait} ms`);
      await sleep(wait);
      wait *= 2;
    }
  }
}

async function unreliable(attempt, failures) {
  await sleep(1);
  if (attempt <= failures) {
    throw new Error("not yet");
  }
}
