// The real binary as its user starts it: a process of its own on a free port, with a data directory of its own.
import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { call, parseJson } from './http.mjs';
import { inTime, until } from './time.mjs';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
export const BINARY = path.resolve(process.env.E2E_BINARY ?? path.join(ROOT, 'build', 'exposee'));

const START_DEADLINE_MS = 20_000;
const EXIT_DEADLINE_MS = 30_000;
const LOG_LINES_SHOWN = 30;

export function newDirectory(t) {
  const directory = mkdtempSync(path.join(tmpdir(), 'exposee-e2e-'));
  t.after(() => rmSync(directory, { recursive: true, force: true, maxRetries: 5 }));
  return directory;
}

// The database in a data directory.
export function databaseFile(directory) {
  const [name] = readdirSync(directory, { recursive: false }).filter((file) => /\.(db|sqlite3?)$/.test(file));
  assert.ok(name, `a database in ${readdirSync(directory)}`);
  return path.join(directory, name);
}

// Changes the data of a server that is not running, with SQLite's shell. That knows nothing of the pages' checksums, so
// they are made right afterwards, as an operator would.
export function changeData(directory, sql) {
  execFileSync('sqlite3', [databaseFile(directory), sql]);
  spawnSync(BINARY, ['accept-data', '--data', directory], { env: environment({}) });  // refuses newer data, after that
}

// Starts a server and waits until it says that it is ready. It is killed when the test ends, and its last log lines
// are shown when the test failed. `settings`: {'section.key': value}, given as environment variables.
export async function startServer(t, options = {}) {
  const server = new Server(options);
  t.after(() => server.dispose(t));  // hooks run in order: the process ends before its directory goes
  server.data ??= newDirectory(t);
  await server.start();
  return server;
}

export class Server {
  // `wrapper`: a command that runs the rest of its command line, e.g. under a limit.
  constructor({ data, settings = {}, args = [], listen = '127.0.0.1:0', wrapper = [] }) {
    Object.assign(this, { data, settings, args, listen, wrapper });
    this.logs = [];   // of all its lives, every line as { text, json }
    this.url = undefined;
    this.child = undefined;
  }

  // Launches without waiting for anything.
  launch() {
    this.url = undefined;
    const life = { lines: [], exited: undefined };
    const [program, ...args] = [...this.wrapper, BINARY, 'serve', '--listen', this.listen, '--data', this.data,
      ...this.args];
    const child = spawn(program, args, { cwd: tmpdir(), env: environment(this.settings),
      stdio: ['ignore', 'pipe', 'pipe'] });
    life.exited = new Promise((resolve) => {
      child.on('error', (error) => resolve({ code: null, signal: null, error }));
      child.on('close', (code, signal) => resolve({ code, signal }));
    });
    life.exited.then((exit) => { life.exit = exit; });
    for (const stream of [child.stdout, child.stderr]) eachLine(stream, (text) => this.#keep(life, text));
    this.child = child;
    this.life = life;
  }

  async start() {
    this.launch();
    await until(() => this.url || this.life.exit, { within: START_DEADLINE_MS, what: 'the ready line' });
    if (this.life.exit) throw new Error(`the server ended: ${JSON.stringify(this.life.exit)}\n${this.logTail()}`);
    return this;
  }

  signal(name) {
    this.child.kill(name);
  }

  // { code, signal } of the process's end.
  exited(within = EXIT_DEADLINE_MS) {
    return inTime(within, 'the end of the server', this.life.exited);
  }

  async kill() {
    this.signal('SIGKILL');
    return this.exited();
  }

  async stop(within) {
    this.signal('SIGTERM');
    return this.exited(within);
  }

  call(method, target, body, headers) {
    return call(this.url, method, target, body, headers);
  }

  // JSON log lines of this life whose message is (or matches) the given one.
  logged(message) {
    const matches = typeof message === 'string' ? (text) => text === message : (text) => message.test(text ?? '');
    return this.life.lines.filter((line) => line.json && matches(line.json.message)).map((line) => line.json);
  }

  logTail() {
    return this.logs.slice(-LOG_LINES_SHOWN).map((line) => `  | ${line.text}`).join('\n');
  }

  async dispose(t) {
    if (this.child && !this.life.exit) await this.kill();
    if (process.env.E2E_SHOW_LOGS) t.diagnostic(`server log:\n${this.logTail()}`);
  }

  #keep(life, text) {
    const line = { text, json: parseJson(text) };
    life.lines.push(line);
    this.logs.push(line);
    if (life === this.life && line.json?.message === 'ready') this.url = line.json.url;
  }
}

// Runs a command of the binary to its end. `variables`: those of the environment that are no settings; `input`: what
// standard input gives.
export async function runCommand(args, { settings = {}, variables = {}, input, within = EXIT_DEADLINE_MS } = {}) {
  const child = spawn(BINARY, args, { cwd: tmpdir(), env: { ...environment(settings), ...variables },
    stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'] });
  child.stdin?.end(input);
  const output = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk) => { output.stdout += chunk; });
  child.stderr.on('data', (chunk) => { output.stderr += chunk; });
  const ended = new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal }));
  });
  try {
    return { ...(await inTime(within, `the end of "exposee ${args.join(' ')}"`, ended)), ...output };
  } finally {
    if (child.exitCode === null) child.kill('SIGKILL');
  }
}

export function environment(settings) {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('EXPOSEE_')));
  for (const [key, value] of Object.entries(settings)) {
    env[`EXPOSEE_${key.replaceAll('.', '_').toUpperCase()}`] = String(value);
  }
  return env;
}

function eachLine(stream, take) {
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (chunk) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop();
    lines.forEach(take);
  });
  stream.on('end', () => { if (rest) take(rest); });
}
