// What is to be watched: that it answers, and on each port that somebody does.
export default function checks({ fqdn, address, ports }) {
  const open = ports.map((port) => ({ name: `port ${port}`, target: `${address}:${port}`, every_seconds: 30 }));
  return [{ name: "ping", target: fqdn, every_seconds: 10 }, ...open];
}
