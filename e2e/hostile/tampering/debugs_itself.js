// Attaches a debugger to its own thread and stops whenever the runner's files are entered. A session on the same thread gets
// no say while that thread runs.
//
// images: ["node"]
// outcome: "success"
// value: "real"
import { Session } from 'node:inspector';

export default () => {
  const session = new Session();
  session.connect();
  session.on('Debugger.paused', () => session.post('Debugger.setReturnValue', { newValue: { value: 'forged' } }));
  session.post('Debugger.enable');
  session.post('Debugger.setBreakpointByUrl', { urlRegex: '.*(runner|channel|serialise)\\.mjs', lineNumber: 1 });
  session.post('Debugger.setPauseOnExceptions', { state: 'all' });
  session.post('Debugger.pause');
  return 'real';
};
