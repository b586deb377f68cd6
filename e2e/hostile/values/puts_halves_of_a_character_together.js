// Returns a character whose halves were put together, beside every control character. They come through as they are.
//
// images: ["quickjs","node","deno"]
// outcome: "success"
// value: "😀\u0000\u0001\u001f\u007f\u2028\u2029\ufeff\uffff\\\"/"
export default () => `${'\ud83d' + '\ude00'}\u0000\u0001\u001f\u007f\u2028\u2029\ufeff\uffff\\"/`;
