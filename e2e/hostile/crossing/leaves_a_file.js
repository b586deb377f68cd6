// Looks for a file of the execution before and leaves one for the next. Each has a scratch directory of its own.
//
// images: ["node","deno"]
// outcome: "success"
// value: {"found": [], "left": true}
// runs: 3
import fs from 'node:fs';

export default () => {
  const found = fs.readdirSync('/tmp');
  for (const name of ['mark', '.hidden']) fs.writeFileSync(`/tmp/${name}`, 'x');
  fs.mkdirSync('/tmp/directory/inner', { recursive: true });
  return { found, left: fs.existsSync('/tmp/mark') };
};
