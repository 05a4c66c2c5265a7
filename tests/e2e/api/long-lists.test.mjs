// Lists longer than anybody wants to hold: read from the store and sent piece by piece, at the pace of each client.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import net from 'node:net';
import { test } from 'node:test';

import { call } from '../lib/http.mjs';
import { changeData, startServer } from '../lib/server.mjs';
import { inTime } from '../lib/time.mjs';

const USERS = 200_000;
const SLOW_CLIENTS = 30;
// What all of it may cost: 128 KiB for each slow client, and what a fast one needs. The list alone has 15 MiB.
const MAX_GROWTH_KIB = 16 * 1024;
const ANSWER_DEADLINE_MS = 20_000;

const DAY = '2025-05-07T04:03:10.779082+00:00';
const userJson = (n) => `{"username":"user${n}","registered_at":"${DAY}"}`;
const listJson = (count) => `[${Array.from({ length: count }, (_, i) => userJson(i + 1)).join(',')}]`;

// Behind the server's back, because one by one it would take minutes.
async function withUsers(t, count) {
  const server = await startServer(t);
  await server.stop();
  changeData(server.data, `INSERT INTO user (number, name, registered_at)
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${count})
    SELECT i, 'user' || i, ${Date.parse(DAY) * 1000 + 82} FROM n`);
  return server.start();
}

const memoryKib = (server, what) =>
  Number(readFileSync(`/proc/${server.child.pid}/status`, 'utf8').match(new RegExp(`${what}:\\s+(\\d+)`))[1]);

// Asks for the list and reads nothing beyond what comes first.
async function slowClient(t, server) {
  const { hostname, port } = new URL(server.url);
  const socket = net.connect({ host: hostname, port: Number(port) });
  t.after(() => socket.destroy());
  socket.on('error', () => {});
  socket.write('GET /users HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n');
  await inTime(ANSWER_DEADLINE_MS, 'the begin of the list', once(socket, 'readable'));
  return socket;
}

async function readToEnd(socket) {
  const pieces = [];
  for await (const piece of socket) pieces.push(piece);
  return Buffer.concat(pieces).toString('latin1');
}

test('clients that do not read a long list cost a bounded part of it, and hold nobody up', async (t) => {
  const server = await withUsers(t, USERS);
  const before = memoryKib(server, 'VmRSS');
  const slow = [];
  for (let i = 0; i < SLOW_CLIENTS; ++i) slow.push(await slowClient(t, server));

  const fast = await server.call('GET', '/users');
  assert.equal(fast.headers['transfer-encoding'], 'chunked');
  assert.ok(fast.text === listJson(USERS), 'all of it, as ever');
  const message = { sender: 'user1', recipient: 'user2', subject: 's', message: 'm' };
  assert.equal((await server.call('POST', '/users/messages', message)).status, 200);
  assert.equal((await server.call('GET', '/users/messages?recipient=user2')).json.length, 1);
  const growth = memoryKib(server, 'VmHWM') - before;
  assert.ok(growth < MAX_GROWTH_KIB, `${growth} KiB more`);

  const late = await inTime(ANSWER_DEADLINE_MS, 'the rest of the list', readToEnd(slow[0]));
  assert.ok(late.includes(userJson(USERS)) && late.endsWith('\r\n0\r\n\r\n'), 'who reads late has all of it');
});

test('a list that fits into one piece has its length, and a longer one has the same bytes', async (t) => {
  const server = await withUsers(t, 10);
  const short = await server.call('GET', '/users');
  assert.equal(short.headers['content-length'], String(listJson(10).length));
  assert.equal(short.text, listJson(10));
  assert.equal((await server.call('HEAD', '/users')).headers['content-length'], short.headers['content-length']);
});

test('a long list goes to its end while the server drains, and a HEAD of it ends at once', async (t) => {
  const server = await withUsers(t, USERS);
  const head = await call(server.url, 'HEAD', '/users');
  assert.equal(head.status, 200);
  assert.equal(head.headers['content-length'], undefined);
  const socket = await slowClient(t, server);
  server.signal('SIGTERM');
  const list = await inTime(ANSWER_DEADLINE_MS, 'the rest of the list', readToEnd(socket));
  assert.ok(list.includes(userJson(USERS)) && list.endsWith('\r\n0\r\n\r\n'));
  assert.deepEqual(await server.exited(), { code: 0, signal: null });
});
