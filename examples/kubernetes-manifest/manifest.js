// Describes a server outside of the cluster to the cluster: a Service without a selector, and its EndpointSlice.
// JSON is YAML, so that nothing has to be escaped by hand.
export default function manifest({ server: { network, labels } }) {
  const name = network.hostname;
  const ports = network.ports.map((port) => ({ name: `port-${port}`, port, protocol: "TCP" }));
  const documents = [
    {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name, labels },
      spec: { ports },
    },
    {
      apiVersion: "discovery.k8s.io/v1",
      kind: "EndpointSlice",
      metadata: { name, labels: { ...labels, "kubernetes.io/service-name": name } },
      addressType: "IPv4",
      endpoints: [{ addresses: [network.address] }],
      ports,
    },
  ];
  const code = documents.map((document) => `---\n${JSON.stringify(document, null, 2)}\n`).join("");
  return { format: "yaml", code };
}
