// Leaves marks in the modules of the runtime, in its caches and on its process.
//
// images: ["node","deno"]
// outcome: "success"
// value: []
// runs: 3
import events from 'node:events';
import fs from 'node:fs';
import module from 'node:module';
import process from 'node:process';

const places = { fs, module, process, events, env: process.env };

export default () => {
  const found = Object.keys(places).filter((name) => places[name].crossing !== undefined);
  for (const name in places) places[name].crossing = 'x';
  return found;
};
