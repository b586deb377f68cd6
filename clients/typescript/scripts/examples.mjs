// Takes the examples out of the documentation, so that `tsc --project tsconfig.examples.json` can
// look at them: those of README.md, and those of the sources, in `dist-examples/`.

import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";

const PACKAGE = new URL("../", import.meta.url);
const EXAMPLES = new URL("dist-examples/", PACKAGE);

/** What examples that import nothing are about. */
const PRELUDE = `import { connect } from "@nats-io/transport-node";
import { CallError, Client, type RemoteFunctionRequest } from "@veritech/client";
declare const request: RemoteFunctionRequest;
`;

await rm(EXAMPLES, { recursive: true, force: true });
await mkdir(EXAMPLES);
const sources = (await readdir(new URL("src/", PACKAGE))).filter((name) => name.endsWith(".ts"));
for (const name of ["README.md", ...sources.map((source) => `src/${source}`)]) {
  const text = await readFile(new URL(name, PACKAGE), "utf8");
  const blocks = [...text.matchAll(/^( \* |\s+\* |)```ts\n(.*?)^\1```$/gms)];
  for (const [index, [, margin, block]] of blocks.entries()) {
    const code = block.replaceAll(
      new RegExp(`^${margin.trimEnd().replace("*", "\\*")} ?`, "gm"),
      "",
    );
    const example = code.includes("import ") ? code : wrapped(code);
    const file = `${name.replaceAll(/\W/g, "-")}-${index}.ts`;
    await writeFile(new URL(file, EXAMPLES), example);
  }
}

/** Gives an example a client of its own, unless it makes one. */
function wrapped(code) {
  const client = code.includes("const client") ? "" : "declare const client: Client;\n";
  return `${PRELUDE}${client}\n${code}export {};\n`;
}
