// Emits the events by which a runner notices that a function will never end. It ends as what it said it was.
//
// images: ["node"]
// outcome: "exception"
// details: {"unhandled": "never_settled"}
export default () => {
  process.emit('beforeExit', 0);
  return 'real';
};
