// Takes the runner's listeners for unhandled errors away. Its errors are then handled, by itself; its value is its own.
//
// images: ["node"]
// outcome: "success"
// value: "survived"
process.removeAllListeners('uncaughtException');
process.removeAllListeners('unhandledRejection');
process.removeAllListeners('beforeExit');
process.on('uncaughtException', () => {});

export default () => {
  setTimeout(() => { throw new Error('lost'); }, 1);
  return new Promise((resolve) => setTimeout(resolve, 50, 'survived'));
};
