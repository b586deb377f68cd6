// Connects to what a host is near to: the metadata service, name servers, the message server, itself. There is no network.
//
// images: ["node","deno"]
// outcome: "success"
// value: []
// request: {"timeout_ms": 10000}
import net from 'node:net';

const places = [
  ['127.0.0.1', 4222], ['::1', 4222], ['0.0.0.0', 4222], ['169.254.169.254', 80], ['172.17.0.1', 2375], ['10.0.0.1', 80],
  ['8.8.8.8', 53], ['192.168.0.1', 80], ['fd00:ec2::254', 80], ['localhost', 4222], ['host.docker.internal', 80],
];

const reached = ([host, port]) => new Promise((resolve) => {
  try {
    const socket = net.connect({ host, port, timeout: 1000 });
    socket.on('connect', () => resolve(true)).on('error', () => resolve(false)).on('timeout', () => resolve(false));
  } catch {
    resolve(false);
  }
});

export default async () => {
  const answers = await Promise.all(places.map(reached));
  return places.filter((_, index) => answers[index]);
};
