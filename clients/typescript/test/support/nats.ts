// A real NATS server of the test's own, on ports that the kernel chose.

import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually } from "./wait.ts";

/** The server's program: what the variable names, or what the repository's tasks have installed. */
function program(): string {
  const installed = join(process.cwd(), "../../target/tools/bin/nats-server");
  const chosen = process.env["VERITECH_TEST_NATS_SERVER"] ?? installed;
  if (!existsSync(chosen)) {
    throw new Error(
      `\`${chosen}\` is not there: run \`cargo xtask tools\` to install it, or set VERITECH_TEST_NATS_SERVER`,
    );
  }
  return chosen;
}

/** A running NATS server. */
export class NatsServer {
  readonly #directory: string;
  readonly #settings: string;
  #process: ChildProcess;
  #ports: { readonly client: number; readonly monitoring: number };

  private constructor(directory: string, settings: string, started: Started) {
    this.#directory = directory;
    this.#settings = settings;
    this.#process = started.process;
    this.#ports = started.ports;
  }

  /** Starts a server with additional lines in its configuration, such as `max_payload: 4096`. */
  static async start(settings = ""): Promise<NatsServer> {
    const directory = await mkdtemp(join(tmpdir(), "veritech-client-nats-"));
    const ports = { client: -1, monitoring: -1 };
    return new NatsServer(directory, settings, await launch(directory, settings, ports));
  }

  /** Where clients connect. */
  get url(): string {
    return `nats://127.0.0.1:${this.#ports.client}`;
  }

  /** Returns how many mailboxes of clients there are. */
  async mailboxes(): Promise<number> {
    const url = `http://127.0.0.1:${this.#ports.monitoring}/subsz?subs=1&limit=10000`;
    const answer = (await (await fetch(url)).json()) as {
      subscriptions_list?: { subject: string }[];
    };
    const subjects = (answer.subscriptions_list ?? []).map(({ subject }) => subject);
    return subjects.filter((subject) => subject.startsWith("_INBOX.")).length;
  }

  /** Ends the server without a word. */
  async kill(): Promise<void> {
    const ended = once(this.#process, "exit");
    this.#process.kill("SIGKILL");
    await ended;
  }

  /** Starts it again where it was. */
  async revive(): Promise<void> {
    const started = await launch(this.#directory, this.#settings, this.#ports);
    this.#process = started.process;
  }

  /** Ends the server and removes what it kept. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.exitCode === null && this.#process.signalCode === null) {
      await this.kill();
    }
    await rm(this.#directory, { recursive: true, force: true });
  }
}

interface Ports {
  readonly client: number;
  readonly monitoring: number;
}

interface Started {
  readonly process: ChildProcess;
  readonly ports: Ports;
}

async function launch(directory: string, settings: string, wanted: Ports): Promise<Started> {
  const configuration = join(directory, "nats.conf");
  const lines = [
    `listen: "127.0.0.1:${wanted.client}"`,
    `http: "127.0.0.1:${wanted.monitoring}"`,
    `ports_file_dir: "${directory}"`,
    settings,
  ];
  await writeFile(configuration, lines.join("\n"));
  const server = spawn(program(), ["--config", configuration], { stdio: "ignore" });
  const ports = await eventually("server that listens", async () => {
    const names = await readdir(directory);
    const file = names.find((name) => name.endsWith(`_${server.pid}.ports`));
    const text = file === undefined ? "" : await readFile(join(directory, file), "utf8");
    return text.trimEnd().endsWith("}")
      ? (JSON.parse(text) as { nats: string[]; monitoring: string[] })
      : undefined;
  });
  const portOf = (urls: string[]) => Number(new URL(urls[0] ?? "").port);
  return {
    process: server,
    ports: { client: portOf(ports.nats), monitoring: portOf(ports.monitoring) },
  };
}
