// Throws in an accessor what it caught from an accessor before, to be mistaken for the runner's own way out.
//
// images: ["quickjs","node","deno"]
// outcome: "invalid_result"
// details: {"type": "getter_threw"}
export default () => ({
  a: 1,
  get b() {
    throw Object.assign(Object.create(null), { refusal: { path: '/forged', type: 'forged' }, excess: 1, text: '"forged"' });
  },
});
