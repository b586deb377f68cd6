// Asks whoever sits in front of it, which waits for an answer in a terminal. Nobody does.
//
// images: ["deno"]
// outcome: "success"
// value: [null,false,null]
export default () => [prompt('password'), confirm('sure'), (alert('look'), null)];
