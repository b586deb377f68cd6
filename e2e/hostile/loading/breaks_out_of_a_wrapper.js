// Ends blocks that it did not begin, to break out of a wrapper around the source. There is none: it does not parse.
//
// images: ["quickjs","node","deno"]
// outcome: "syntax_error"
export default () => 1;
}})(); (async () => {{
