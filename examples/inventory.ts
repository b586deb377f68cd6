// TypeScript with a module of Node.js, on the Node.js that is installed on the host:
//
//   veritech run examples/inventory.ts --image host/node --inputs @examples/inventory.json
//
// Types are stripped, not checked. TypeScript needs Node.js 22.13 or later.

import { createHash } from "node:crypto";

interface Server {
  name: string;
  tags: string[];
}

interface Summary {
  servers: number;
  byTag: Record<string, string[]>;
  fingerprint: string;
}

export default function summarise({ servers }: { servers: Server[] }): Summary {
  const byTag: Summary["byTag"] = {};
  for (const { name, tags } of servers) {
    for (const tag of tags) {
      (byTag[tag] ??= []).push(name);
    }
  }
  const names = servers.map((server) => server.name).sort();
  const fingerprint = createHash("sha256").update(names.join("\n")).digest("hex");
  return { servers: servers.length, byTag, fingerprint };
}
