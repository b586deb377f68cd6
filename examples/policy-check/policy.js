// What every server must be, by the rules of the house.
const RULES = [
  ["has TLS if it speaks HTTP", ({ network }) => !network.ports.includes(80) || network.ports.includes(443)],
  ["is watched on every port", ({ network, checks }) => checks.length > network.ports.length],
  ["has its warranty still", ({ warranty_until }, { today }) => warranty_until >= today],
  ["keeps 4 GiB for each core", ({ hardware }) => hardware.memory_gib >= 4 * hardware.cores],
];

export default function policy({ server, today }) {
  const broken = RULES.filter(([, holds]) => !holds(server, { today })).map(([name]) => name);
  if (broken.length === 0) return { result: "success" };
  return { result: "failure", message: `${server.network.hostname} is not what it should be: ${broken.join("; ")}` };
}
