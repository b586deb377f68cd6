// A qualification: will this certificate still be good for a month?
//
//   veritech run examples/tls-expiry.js --kind qualification \
//     --inputs '{"notAfter":"2030-01-01T00:00:00Z","now":"2029-12-20T00:00:00Z"}'

const DAY_MS = 24 * 60 * 60 * 1000;
const ENOUGH_DAYS = 30;

export default function qualify({ notAfter, now = new Date().toISOString() }) {
  const end = Date.parse(notAfter);
  if (Number.isNaN(end)) {
    return { result: "unknown", message: `\`${notAfter}\` is no date` };
  }
  const days = Math.floor((end - Date.parse(now)) / DAY_MS);
  console.log(`the certificate ends in ${days} days`);
  if (days < 0) {
    return { result: "failure", message: `the certificate ended ${-days} days ago` };
  }
  if (days < ENOUGH_DAYS) {
    return { result: "warning", message: `the certificate ends in ${days} days` };
  }
  return { result: "success" };
}
