// What the workloads stand on: the server under test, the measuring programs, and /proc. Loopback only.
import { execFileSync, spawn } from 'node:child_process';
import { closeSync, fstatSync, mkdtempSync, openSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { request } from 'node:http';
import { request as tlsRequest } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export const build = process.env.BENCH_BUILD ?? 'build';
const CLOCK_TICKS = 100; // of utime in /proc, fixed by Linux for user space

export const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

export function call(port, method, path, body, { tls = false, agent = false } = {}) {
  return new Promise((resolve, reject) => {
    const text = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body);
    const r = (tls ? tlsRequest : request)({ host: '127.0.0.1', port, method, path, agent,
      rejectUnauthorized: false, headers: { 'content-type': 'application/json' } }, (answer) => {
      let all = '';
      answer.setEncoding('utf8').on('data', (d) => (all += d)).on('end', () => {
        let json;
        try { json = JSON.parse(all); } catch { json = all; }
        resolve({ status: answer.statusCode, body: json });
      });
    });
    r.on('error', reject);
    r.end(text);
  });
}

function firstLine(child, wanted) {
  return new Promise((resolve, reject) => {
    const lines = createInterface({ input: child.stdout });
    lines.on('line', (line) => wanted(line) && resolve(line));
    child.on('exit', (code) => reject(new Error(`${child.spawnargs[0]} ended with ${code} before it was ready`)));
  });
}

const running = new Set();
process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')));

function start(program, args, options = {}) {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'], ...options });
  running.add(child);
  child.gone = new Promise((done) => child.on('exit', (code, signal) => { running.delete(child); done(code ?? signal); }));
  return child;
}

export class Receiver {
  static async start(...args) {
    const child = start(join(build, 'bench/bench-receiver'), args.map(String));
    const receiver = new Receiver();
    receiver.child = child;
    receiver.port = Number(await firstLine(child, () => true));
    receiver.tls = args.includes('--tls-cert');
    return receiver;
  }
  async stats() { return (await call(this.port, 'GET', '/stats', undefined, this)).body; }
  async learn(lines) { await call(this.port, 'POST', '/secrets', lines.join('\n'), this); }
  async delay(ms) { await call(this.port, 'POST', '/delay', String(ms), this); }
  async reset() { await call(this.port, 'POST', '/reset', undefined, this); }
  async stop() { this.child.kill('SIGKILL'); await this.child.gone; }
}

// A server with its own data directory, its defaults, and nothing else. Its log goes to a file: somebody who reads it
// line by line would take time from those who are measured.
export class Server {
  static async start({ dir, args = [], env = {} } = {}) {
    const server = new Server();
    server.dir = dir ?? mkdtempSync(join(process.env.BENCH_DIR ?? tmpdir(), 'exposee-bench-'));
    server.logFile = join(server.dir, 'bench.log');
    const log = openSync(server.logFile, 'a');
    server.logBegins = fstatSync(log).size;
    const began = performance.now();
    server.child = start(join(build, 'exposee'), ['serve', '--listen', '127.0.0.1:0', '--data', server.dir, ...args],
      { env: { ...process.env, EXPOSEE_LOG_FORMAT: 'json', ...env }, stdio: ['ignore', log, log] });
    closeSync(log);
    const { url } = await server.ready();
    server.readyAt = performance.now();
    server.startMs = server.readyAt - began;
    server.port = Number(new URL(url).port);
    return server;
  }
  // What this start has logged so far, lines for people left out.
  entries() {
    const lines = readFileSync(this.logFile).subarray(this.logBegins).toString().split('\n');
    return lines.flatMap((line) => { try { return [JSON.parse(line)]; } catch { return []; } });
  }
  async ready() {
    for (;;) {
      const entry = this.entries().find((e) => e.url && /ready/i.test(e.message));
      if (entry) return entry;
      const ended = this.child.exitCode ?? this.child.signalCode;
      if (ended !== null) {
        throw new Error(`server ended with ${ended}: ${readFileSync(this.logFile, 'utf8')}`);
      }
      await sleep(1);
    }
  }
  // User and system CPU seconds so far.
  cpu() {
    const fields = readFileSync(`/proc/${this.child.pid}/stat`, 'utf8').split(') ')[1].split(' ');
    return { user: Number(fields[11]) / CLOCK_TICKS, system: Number(fields[12]) / CLOCK_TICKS };
  }
  rss() {
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${this.child.pid}/status`, 'utf8'))[1]) * 1024;
  }
  files() {
    const sizes = { db_bytes: 0, wal_bytes: 0 };
    for (const name of readdirSync(this.dir)) {
      const size = statSync(join(this.dir, name)).size;
      if (name.endsWith('-wal')) sizes.wal_bytes += size;
      else if (!name.endsWith('-shm') && name !== 'bench.log') sizes.db_bytes += size;
    }
    return sizes;
  }
  async stop() {
    this.child.kill('SIGTERM');
    const code = await this.child.gone;
    this.stoppedAt = performance.now();
    this.stopped = this.entries().findLast((e) => e.message === 'stopped');
    return code;
  }
  async kill() { this.child.kill('SIGKILL'); await this.child.gone; }
  remove() { rmSync(this.dir, { recursive: true, force: true }); }

  async declare(name) {
    const { status } = await call(this.port, 'POST', '/v1/event-types', { name, description: 'benchmark' });
    if (status !== 201 && status !== 409) throw new Error(`declaring ${name}: ${status}`);
  }
  async subscribe(url, events, more = {}, connections = {}) {
    const { status, body } = await call(this.port, 'POST', '/v1/endpoints', { url, events, ...more }, connections);
    if (status !== 201) throw new Error(`subscribing ${url}: ${status} ${JSON.stringify(body)}`);
    return body;
  }
}

export async function load(port, options) {
  const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const child = start(join(build, 'bench/bench-load'), ['--port', String(port), ...args]);
  let out = '';
  child.stdout.on('data', (d) => (out += d));
  const code = await child.gone;
  if (code !== 0) throw new Error(`bench-load ended with ${code}`);
  return JSON.parse(out);
}

// The ceiling as wrk sees it, without bodies: an independent check where it is installed.
export function wrk(port, seconds) {
  try {
    const out = execFileSync('wrk', ['-t1', '-c64', `-d${Math.ceil(seconds)}`, `http://127.0.0.1:${port}/wrk`],
      { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    return Number(/Requests\/sec:\s+([\d.]+)/.exec(out)?.[1]);
  } catch {
    return undefined; // not installed
  }
}

export function disk(dir, ...more) {
  const path = join(dir ?? tmpdir(), `bench-disk-${process.pid}.tmp`);
  return JSON.parse(execFileSync(join(build, 'bench/bench-disk'), ['--path', path, ...more.map(String)], { encoding: 'utf8' }));
}

// Until the receiver has seen as many as were acknowledged, or nothing more comes for `patience` ms.
export async function drained(receiver, expected, patience = 5000) {
  let stats = await receiver.stats();
  for (let still = 0; stats.distinct < expected && still < patience; ) {
    await sleep(20);
    const next = await receiver.stats();
    still = next.distinct === stats.distinct ? still + 20 : 0;
    stats = next;
  }
  return stats;
}

export const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
