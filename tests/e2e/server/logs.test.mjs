// Whoever reads the log, or does not: it holds up no call, no delivery and no end.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { closeSync, openSync, read, readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';

import { startReceiver } from '../lib/receiver.mjs';
import { BINARY, Server, environment, newDirectory, startServer } from '../lib/server.mjs';
import { inTime, until } from '../lib/time.mjs';
import { V1 } from '../lib/v1.mjs';

const ENDPOINTS = 300;
const LONG = 'x'.repeat(1_500);  // part of every line: EVENTS fill a pipe and the queue many times over
const EVENTS = 6;
const QUICK_MS = 3_000;        // of a publish, on a machine that is busy with other things
const END_MS = 10_000;

// Standard error as a pipe that is read only on demand.
class Pipe {
  constructor(t) {
    const name = path.join(newDirectory(t), 'stderr');
    execFileSync('mkfifo', [name]);
    this.fd = openSync(name, 'r+');
    this.text = '';
    t.after(() => closeSync(this.fd));
  }

  async readUntil(pattern) {
    const buffer = Buffer.alloc(65_536);
    while (!pattern.test(this.text)) {
      const { bytesRead } = await inTime(20_000, `${pattern} in the log`, promisify(read)(this.fd, buffer, 0,
        buffer.length, null));
      this.text += buffer.subarray(0, bytesRead);
    }
    return this.text;
  }
}

// A server whose standard error goes to `stderr`, as spawn() takes it.
function launch(t, stderr) {
  const child = spawn(BINARY, ['serve', '--listen', '127.0.0.1:0', '--data', newDirectory(t)],
    { cwd: tmpdir(), env: environment({ 'log.format': 'json' }), stdio: ['ignore', 'ignore', stderr] });
  const exited = new Promise((resolve) => { child.on('exit', (code, signal) => resolve({ code, signal })); });
  t.after(() => child.kill('SIGKILL'));
  return { child, exited };
}

// The URL at which the process listens, as the kernel knows it: its log may be unreadable.
async function urlOf(child) {
  const proc = `/proc/${child.pid}`;
  const inodes = () => readdirSync(`${proc}/fd`).map((fd) => readlinkSync(`${proc}/fd/${fd}`).match(/^socket:.(\d+)/)?.[1]);
  const listening = () => {
    const own = new Set(inodes());
    const sockets = readFileSync(`${proc}/net/tcp`, 'latin1').split('\n').map((line) => line.trim().split(/ +/));
    return sockets.find((socket) => socket[3] === '0A' && own.has(socket[9]))?.[1].split(':')[1];
  };
  return `http://127.0.0.1:${parseInt(await until(listening, { within: 20_000, what: 'a listening socket' }), 16)}`;
}

function clientOf(url) {
  const server = new Server({});
  server.url = url;
  return new V1(server);
}

async function publishQuickly(v1, count) {
  for (let n = 0; n < count; ++n) {
    await inTime(QUICK_MS, `the reply to publish ${n}`, v1.publish('load.tick', { n }));
  }
}

test('standard error that nobody reads holds up no publish, no delivery and no end', { timeout: 120_000 }, async (t) => {
  const pipe = new Pipe(t);
  const { child, exited } = launch(t, pipe.fd);
  const v1 = clientOf((await pipe.readUntil(/"url":"(http[^"]+)"/)).match(/"url":"(http[^"]+)"/)[1]);
  const receiver = await startReceiver(t);
  const closed = await startReceiver(t);
  const gone = closed.url('');
  await closed.close();
  await v1.declare('load.tick');
  await v1.endpoint(receiver.url('/tick'), ['load.tick']);
  for (let n = 0; n < ENDPOINTS; ++n) await v1.endpoint(`${gone}/${n}/${LONG}`, ['load.tick']);

  await publishQuickly(v1, EVENTS);
  await receiver.waitFor('/tick', EVENTS);
  await publishQuickly(v1, 1);
  const text = await pipe.readUntil(/"message":"\d+ log lines were dropped because standard error was not read"/);
  const lines = text.split('\n').slice(0, -1).map((line) => JSON.parse(line));
  const times = lines.filter((line) => line.message === 'attempt failed').map((line) => line.time);
  assert.ok(times.every((time, i) => i === 0 || times[i - 1] <= time), 'lines keep their order');

  await publishQuickly(v1, EVENTS);  // and nobody reads again
  child.kill('SIGTERM');
  assert.deepEqual(await inTime(END_MS, 'the end', exited), { code: 0, signal: null });
});

test('a log whose reader has gone, and one on a full disk, cost lines and nothing else', async (t) => {
  const full = openSync('/dev/full', 'w');
  t.after(() => closeSync(full));
  for (const stderr of ['pipe', full]) {
    const { child, exited } = launch(t, stderr);
    child.stderr?.destroy();
    const v1 = clientOf(await urlOf(child));
    await v1.declare('load.tick');
    const closed = await startReceiver(t);
    await v1.endpoint(closed.url('/hook'), ['load.tick']);
    await closed.close();
    await publishQuickly(v1, 3);
    child.kill('SIGTERM');
    assert.deepEqual(await inTime(END_MS, 'the end', exited), { code: 0, signal: null });
  }
});

test('each change is one line that says who, what and where; each call a line at debug', async (t) => {
  const server = await startServer(t, { settings: { 'log.level': 'debug' } });
  const v1 = new V1(server);
  const who = { 'x-request-id': 'req-7' };
  await server.call('POST', '/v1/event-types', { name: 'order.paid' }, who);
  const url = 'http://127.0.0.1:9/hook?token=hunter2';
  const { id } = await v1.endpoint(url.replace(':9/', ':9009/'), ['order.paid']);
  await v1.patch(id, { paused: true });
  await v1.patch(id, { disabled: true });
  await v1.patch(id, { disabled: false });
  await server.call('DELETE', `/v1/endpoints/${id}`);
  await server.call('DELETE', '/v1/event-types/order.paid', undefined, who);
  await server.call('GET', '/v1/endpoints?limit=7');
  const isListed = (line) => line.path === '/v1/endpoints' && line.method === 'GET';
  const call = await until(() => server.logged('call').find(isListed), { what: 'the last call in the log' });
  const expected = ['event type declared', 'endpoint registered', 'endpoint changed', 'endpoint disabled by hand',
    'endpoint enabled', 'endpoint removed', 'event type removed'];
  for (const message of expected) {
    const lines = server.logged(message);
    assert.equal(lines.length, 1, message);
    assert.match(lines[0].peer, /^127\.0\.0\.1:\d+$/);
    if (message.startsWith('endpoint')) assert.deepEqual([lines[0].endpoint_id, lines[0].url], [id, 'http://127.0.0.1:9009/hook']);
  }
  for (const message of ['event type declared', 'event type removed']) {
    const [{ event, request_id: request }] = server.logged(message);
    assert.deepEqual([event, request], ['order.paid', 'req-7']);
  }
  assert.equal(call.status_code, 200);
  assert.ok(call.bytes > 0 && call.duration_ms >= 0);
  assert.ok(!server.logTail().includes('hunter2'));
});
