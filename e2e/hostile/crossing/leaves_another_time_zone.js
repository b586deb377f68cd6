// Sets another time zone. The next execution has the one that every one has.
//
// images: ["node","deno"]
// outcome: "success"
// value: [true,0]
// runs: 2
export default () => {
  const before = [process.env.TZ === undefined, new Date(0).getTimezoneOffset()];
  process.env.TZ = 'Pacific/Kiritimati';
  return before;
};
