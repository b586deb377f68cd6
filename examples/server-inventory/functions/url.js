// Only what speaks HTTPS has a URL; anything else returns nothing, and the property is not set.
export default function url({ fqdn, ports }) {
  if (ports.includes(443)) return `https://${fqdn}/`;
}
