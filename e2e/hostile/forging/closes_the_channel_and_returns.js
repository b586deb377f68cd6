// Closes the runner's channel, so that the result can go nowhere. That is an end without a result, and the function's doing.
//
// images: ["node"]
// outcome: "runner_exited"
import fs from 'node:fs';

export default () => {
  fs.closeSync(3);
  return 'real';
};
