// Looks for secrets in the environment of its own process. It is started with an empty
// one, and has nothing but the variables of its request.
//
// images: ["node", "deno"]
// outcome: "success"
// value: ["MINE"]
// request: {"env": {"MINE": "1"}}

import process from 'node:process';

export default () => {
  const found = Object.keys(process.env);
  for (const name of found) console.log(`${name}=${process.env[name]}`);
  return found;
};
