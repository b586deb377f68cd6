// Connects to what a host is near to: the metadata service, name servers, the message server, itself. There is no network. A
// socket of its own, in its scratch directory, shows that it tried.
//
// images: ["node","deno"]
// outcome: "success"
// value: ["/tmp/own"]
// request: {"timeout_ms": 30000}
import net from 'node:net';

const places = [
  { path: '/tmp/own' },
  ...['127.0.0.1', '::1', '0.0.0.0', 'localhost', 'host.docker.internal', '172.17.0.1'].map((host) => ({ host, port: 4222 })),
  ...['169.254.169.254', '10.0.0.1', '192.168.0.1', 'fd00:ec2::254'].map((host) => ({ host, port: 80 })),
  { host: '8.8.8.8', port: 53 },
  { host: '172.17.0.1', port: 2375 },
];

const reached = (place) => new Promise((resolve) => {
  try {
    const socket = net.connect({ ...place, timeout: 1000 });
    socket.on('connect', () => resolve(true)).on('error', () => resolve(false)).on('timeout', () => resolve(false));
  } catch {
    resolve(false);
  }
});

export default async () => {
  const server = net.createServer();
  await new Promise((resolve) => server.listen('/tmp/own', resolve));
  const answers = await Promise.all(places.map(reached));
  return places.filter((_, index) => answers[index]).map(({ path, host }) => path ?? host);
};
