// Gets variables that would make runtimes load code, and then something else. They are set when the runtime has started, and
// change nothing about it.
//
// images: ["node","deno"]
// outcome: "success"
// value: ["--require=/tmp/x.js","/tmp/x.so"]
// request: {"env": {"NODE_OPTIONS": "--require=/tmp/x.js", "LD_PRELOAD": "/tmp/x.so", "DENO_DIR": "/tmp", "PATH": "/tmp"}}
export default () => [process.env.NODE_OPTIONS, process.env.LD_PRELOAD];
