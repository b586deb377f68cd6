// Throws an error whose stack tells of lines of other files and of a result. Frames of its own source are shown, whatever they
// say, and nothing else is.
//
// images: ["quickjs","node","deno"]
// outcome: "exception"
// details: {"class": "Error", "message": "forged", "stack": "at mine (function.js:1:1)"}
export default () => {
  const error = new Error('forged');
  error.stack = 'Error: forged\n    at mine (function.js:1:1)\n    at theirs (/etc/passwd:1:1)\n{"event":"result"}';
  throw error;
};
