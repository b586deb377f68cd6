// Gives a worker a limit of stack that is far beyond its stack and recurses without end. Either there is no memory there, or
// there is until the limit of the request is reached: the whole process goes, for the one reason or the other.
//
// images: ["node"]
// outcome: ["runner_exited","out_of_memory"]
import { Worker } from 'node:worker_threads';

export default () => {
  new Worker('const f = () => f() + 1; f()', { eval: true, resourceLimits: { stackSizeMb: 1000 } });
  return new Promise(() => setInterval(() => {}, 1000));
};
