// Imports a name that a module does not have. That is found before anything is evaluated.
//
// images: ["node","deno"]
// outcome: "exception"
// message: "nothingLikeThat"
// no_output: "evaluated"
import { nothingLikeThat } from 'node:path';

console.log('evaluated');

export default () => nothingLikeThat;
