// The first example of the README, as it stands there, against the built package.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { promisify } from "node:util";
import { accepted, output, started, value } from "../support/dispatcher.ts";
import { scene } from "../support/scene.ts";

/** Within the package, so that it finds itself by its name. */
const PROGRAM = "dist-test/readme-example.mjs";

scene("the example of the README does what it says", {}, async ({ server, dispatcher }) => {
  const readme = await readFile("README.md", "utf8");
  const example = /```ts\n(.*?)```/s.exec(readme)?.[1] ?? assert.fail("there is no example");
  await writeFile(PROGRAM, example.replace("nats://127.0.0.1:4222", server.url));
  const options = "Deno" in globalThis ? ["run", "--allow-all"] : [];
  const running = promisify(execFile)(process.execPath, [...options, PROGRAM]);

  const taken = await dispatcher.take();
  assert.deepEqual(taken.request.inputs, { name: "Ada" });
  for (const body of [accepted(1000), started, output("greeting"), value("Hello, Ada!")]) {
    taken.say(body);
  }
  assert.deepEqual(await running, { stdout: "stdout: greeting\nHello, Ada!\n", stderr: "" });
});
