// Looks at the variables that its process was started with, and at those that the kernel keeps, for more than the request gave
// it.
//
// images: ["node","deno"]
// outcome: "success"
// value: ["COLOUR=red"]
// request: {"env": {"COLOUR": "red"}}
import fs from 'node:fs';

// What the runtime needs to start, or sets itself.
const own = /^(?:DENO_DIR|LC_CTYPE)=/;

export default () => {
  const started = fs.readFileSync('/proc/self/environ', 'latin1').split('\0').filter((variable) => variable !== '');
  const seen = Object.entries(process.env).map(([name, value]) => `${name}=${value}`);
  return [...new Set([...started, ...seen])].filter((variable) => !own.test(variable));
};
