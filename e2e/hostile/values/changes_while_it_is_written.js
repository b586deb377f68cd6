// Deletes, adds and changes members of the value while the runner writes it. It is written as it was met.
//
// images: ["quickjs","node","deno"]
// outcome: "success"
// value: {"a":1,"list":[1,2]}
export default () => {
  const list = [1, 2];
  const value = {
    get a() {
      delete value.b;
      value.c = 'late';
      return 1;
    },
    b: 'gone',
    list,
  };
  return value;
};
