// Begins a comment that never ends, so that whatever the runner might put behind the source would be part of it.
//
// images: ["quickjs","node","deno"]
// outcome: "syntax_error"
export default () => 1;
/*
