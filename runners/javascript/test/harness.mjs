// Starts the runner as its supervisor does: one line on stdin, JSON lines from descriptor 3, an empty environment.

import { spawn, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const bundle = (name) => fileURLToPath(new URL(`../bundle/${name}`, import.meta.url));
const DEADLINE_MS = 20_000;

const nodeFlags = (binary) => {
  const flags = ['--experimental-vm-modules', '--no-warnings'];
  // Node.js has the option since 22.14.
  return spawnSync(binary, ['--disable-sigusr1', '-e', '0']).status === 0 ? [...flags, '--disable-sigusr1'] : flags;
};
const stripsTypes = (binary) => spawnSync(binary, ['-e', 'process.exit(require("module").stripTypeScriptTypes ? 0 : 1)']).status === 0;
const DENO_FLAGS = ['run', '-A', '--no-remote', '--no-npm', '--no-prompt', '--no-config', '--no-lock', '--no-code-cache', '--quiet'];

const node = (binary) => ({ name: `node (${binary})`, stripsTypes: stripsTypes(binary), command: [binary, ...nodeFlags(binary), bundle('node.cjs')], env: [] });
const deno = (binary) => ({ name: `deno (${binary})`, isDeno: true, stripsTypes: true, command: [binary, ...DENO_FLAGS, bundle('deno.mjs')], env: ['DENO_DIR=/dev/null'] });

/** The interpreters to test: NODE_BIN (several separated by colons) and DENO_BIN; this Node.js where neither is given. */
export const interpreters = () => {
  const { NODE_BIN = '', DENO_BIN = '' } = process.env;
  const found = [...NODE_BIN.split(':').filter(Boolean).map(node), ...DENO_BIN.split(':').filter(Boolean).map(deno)];
  return found.length > 0 ? found : [node(process.execPath)];
};

const LIMITS = { timeout_ms: 10_000, output_bytes: 1 << 20, result_bytes: 1 << 20 };

// Node.js connects its children by sockets; descriptor 3 must be a pipe, as it is in production. Descriptor 4 tells the exit code.
const THROUGH_A_PIPE = 'exec 6>&1; { "$@" 3>&1 1>&6 6>&- 4>&-; echo "$?" >&4; } | cat >&3';

/** Runs `code` and returns what came of it: output events, the result, raw stdout and stderr, and how the process ended. */
export const run = ({ command, env }, code, options = {}) =>
  new Promise((resolve, reject) => {
    const child = spawn('/bin/sh', ['-c', THROUGH_A_PIPE, 'sh', 'env', '-i', ...env, ...command], { cwd: '/tmp', stdio: Array(5).fill('pipe') });
    const said = ['', '', '', '', ''];
    for (const fd of [1, 2, 3, 4]) child.stdio[fd].setEncoding('utf8').on('data', (text) => (said[fd] += text));
    const timer = setTimeout(() => reject(new Error(`no end after ${DEADLINE_MS} ms`)), DEADLINE_MS);
    child.on('error', reject);
    child.on('close', () => {
      clearTimeout(timer);
      const lines = said[3].split('\n').filter(Boolean).map((line) => JSON.parse(line));
      const [ready, ...events] = lines;
      const results = events.filter(({ event }) => event === 'result');
      resolve({
        ready,
        outputs: events.filter(({ event }) => event === 'output'),
        results,
        result: results[0],
        failure: results[0]?.failure,
        last: lines.at(-1),
        lines: said[3],
        stdout: said[1],
        stderr: said[2],
        exit: Number(said[4]),
      });
    });
    child.stdin.on('error', () => {});
    child.stdin.end(`${JSON.stringify({ id: 'id-1', kind: 'resolver', code, inputs: {}, deadline: 1234, ...LIMITS, ...options })}\n`);
  });
