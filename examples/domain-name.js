// A validation: is this text a host name that can be used in DNS (RFC 1123)?
//
//   veritech run examples/domain-name.js --kind validation --inputs '{"name":"www.example.org"}'
//   veritech run examples/domain-name.js --kind validation --inputs '{"name":"-bad-.example"}'

const LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i;

export default function validate({ name }) {
  if (typeof name !== "string" || name.length === 0) {
    return invalid("a host name is a text that is not empty");
  }
  if (name.length > 253) {
    return invalid(`a host name has at most 253 characters, this one has ${name.length}`);
  }
  const wrong = name.split(".").find((label) => !LABEL.test(label));
  if (wrong !== undefined) {
    return invalid(`\`${wrong}\` is no label: letters, digits and inner hyphens, at most 63`);
  }
  return { valid: true };
}

function invalid(message) {
  return { valid: false, message };
}
