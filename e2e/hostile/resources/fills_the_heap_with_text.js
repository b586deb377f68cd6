// Doubles a text and looks into it, so that it has to be there in one piece.
//
// images: ["quickjs","node","deno"]
// outcome: "out_of_memory"
// request: {"timeout_ms": 30000, "limits": {"memory_bytes": 100663296, "cpu_time_ms": 20000}}
export default () => {
  let text = 'x€';
  for (;;) {
    text += text;
    text.charCodeAt(text.length / 2);
  }
};
