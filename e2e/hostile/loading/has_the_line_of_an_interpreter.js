// Has the line that names an interpreter, not at its beginning, where it is no comment. Nobody starts that interpreter.
//
// images: ["quickjs","node","deno"]
// outcome: "syntax_error"
#!/bin/sh -c reboot
export default () => 1;
