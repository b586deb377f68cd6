// Returns an object with members that mean something special to the language, of its own. They are names like others.
//
// images: ["quickjs","node","deno"]
// outcome: "success"
// value: {"__proto__":{"status":"failure"},"constructor":1,"toString":2,"hasOwnProperty":3,"event":"result"}
export default () => JSON.parse(
  '{"__proto__":{"status":"failure"},"constructor":1,"toString":2,"hasOwnProperty":3,"event":"result"}',
);
