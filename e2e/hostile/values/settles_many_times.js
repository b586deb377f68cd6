// Returns a thenable that settles again and again, with other values and with errors. The first counts.
//
// images: ["quickjs","node","deno"]
// outcome: "success"
// value: "first"
export default () => ({
  then(resolve, reject) {
    resolve('first');
    reject(new Error('second'));
    resolve('third');
    throw new Error('fourth');
  },
});
