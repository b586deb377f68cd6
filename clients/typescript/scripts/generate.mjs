// Writes the types of what passes over NATS, from the repository's JSON Schemas.
//
//     node scripts/generate.mjs           writes src/wire/
//     node scripts/generate.mjs --check   fails if what is there is not what would be written

import { mkdir, readFile, writeFile } from "node:fs/promises";
import { compile } from "json-schema-to-typescript";

const SCHEMAS = new URL("../../../schemas/", import.meta.url);
const TYPES = new URL("../src/wire/", import.meta.url);

const NAMES = [
  "remote_function_request",
  "event",
  "qualification",
  "validation",
  "code_generation",
  "action",
];

const check = process.argv.includes("--check");
const stale = [];
await mkdir(TYPES, { recursive: true });
for (const name of NAMES) {
  const schema = JSON.parse(await readFile(new URL(`${name}.json`, SCHEMAS), "utf8"));
  const text = await compile(prepared(schema), name, {
    // Members that are not named here belong to a later version: they may come, and are nobody's.
    additionalProperties: false,
    bannerComment: `// Generated from schemas/${name}.json by \`npm run generate\`: not to be edited.`,
    style: { printWidth: 100 },
    unknownAny: true,
    unreachableDefinitions: true,
  });
  const file = new URL(`${name}.ts`, TYPES);
  const generated = withoutNotes(text);
  if (!check) {
    await writeFile(file, generated);
  } else if ((await readFile(file, "utf8").catch(() => "")) !== generated) {
    stale.push(`src/wire/${name}.ts`);
  }
}
if (stale.length > 0) {
  console.error(`not what the schemas say: ${stale.join(", ")}; run \`npm run generate\``);
  process.exitCode = 1;
}

/** Returns the schema with what the compiler would make too little of. */
function prepared(node, isMember = false) {
  if (Array.isArray(node)) {
    return node.map((item) => prepared(item));
  }
  if (typeof node !== "object" || node === null) {
    return node;
  }
  const copy = {};
  for (const [key, value] of Object.entries(node)) {
    if (key === "properties" || key === "$defs") {
      const members = Object.entries(value);
      copy[key] = Object.fromEntries(members.map(([name, it]) => [name, prepared(it, true)]));
    } else if (key === "description") {
      copy[key] = withoutRust(value);
    } else if (key !== "default") {
      copy[key] = prepared(value);
    }
  }
  // A reference with a description of its own would lose its name.
  if (typeof copy.$ref === "string" && copy.description !== undefined) {
    copy.allOf = [{ $ref: copy.$ref }];
    delete copy.$ref;
  }
  const keywords = Object.keys(copy).filter((key) => key !== "description");
  if (isMember && keywords.length === 0) {
    copy.tsType = "unknown";
  }
  return copy;
}

/** Returns a description without its examples and links, which are Rust. */
function withoutRust(description) {
  return description.split("\n\n# Examples")[0].replaceAll(/\[(`[^`]+`)\](\([^)]*\))?/g, "$1");
}

/** Returns the text without what the compiler notes on definitions that it would not have written. */
function withoutNotes(text) {
  const note =
    / \* This interface was referenced by `[^`]*`'s JSON-Schema\n \* via the `definition` "[^"]*"\.\n/g;
  return text
    .replaceAll(note, "")
    .replaceAll(/\/\*\*\n \*\/\n/g, "")
    .replaceAll(/ \*\n \*\/\n/g, " */\n");
}
