// Has workers throw, exit and abort their own threads. Only the worker ends; the function goes on.
//
// images: ["node"]
// outcome: "success"
// value: [1,5]
import { Worker } from 'node:worker_threads';

const ended = (code) => new Promise((resolve) => {
  new Worker(code, { eval: true }).on('error', () => {}).on('exit', resolve);
});

export default async () => [await ended('throw new Error("x")'), await ended('process.exit(5)')];
