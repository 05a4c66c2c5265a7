// Crowds of clients that take no replies, or say nothing: they cost little memory, and the others are served meanwhile.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { RawConnection } from '../lib/raw.mjs';
import { startServer } from '../lib/server.mjs';
import { until } from '../lib/time.mjs';

const MIB = 1024 * 1024;
const CROWD = 250;  // below what one address may have
const MOST_GROWTH = 16 * MIB;
const SERVED_WITHIN_MS = 1_000;  // generous: the tests share their machine

const memoryOf = (server) =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${server.child.pid}/status`, 'utf8'))[1]) * 1024;

const get = (path, headers = '') => `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n${headers}\r\n`;

// So many connections that have sent this; the first bytes of every answer are there, and nothing more is read.
async function crowd(t, server, bytes) {
  const connections = [];
  t.after(() => connections.forEach((connection) => connection.destroy()));
  while (connections.length < CROWD) {
    const connection = await RawConnection.open(server.url);
    connection.socket.once('data', () => connection.socket.pause());
    connection.send(bytes);
    connections.push(connection);
  }
  await until(() => connections.every((connection) => connection.text), { what: 'the beginning of every reply' });
  return connections;
}

async function assertServedMeanwhile(server) {
  for (let i = 0; i < 20; ++i) {
    const began = performance.now();
    assert.equal((await server.call('GET', '/users')).status, 200);
    const took = performance.now() - began;
    assert.ok(took < SERVED_WITHIN_MS, `a call took ${took.toFixed()} ms`);
  }
}

const UNREAD = [
  ['a large file', get('/docs/swagger-ui-bundle.js')],
  ['a large file as gzip', get('/docs/swagger-ui-bundle.js', 'Accept-Encoding: gzip\r\n')],
  ['two hundred documents in a row', get('/openapi.json').repeat(200)],
];

for (const [name, bytes] of UNREAD) {
  test(`many who ask for ${name} and do not read it cost little, and nobody waits for them`, async (t) => {
    const server = await startServer(t);
    await server.call('GET', '/openapi.json');
    const before = memoryOf(server);
    await crowd(t, server, bytes);
    await assertServedMeanwhile(server);
    const grown = memoryOf(server) - before;
    assert.ok(grown < MOST_GROWTH, `${(grown / MIB).toFixed(1)} MiB more`);
  });
}

test('a connection that is idle after its replies keeps next to nothing', async (t) => {
  const server = await startServer(t);
  await server.call('GET', '/openapi.json');
  const before = memoryOf(server);
  const connections = await crowd(t, server, get('/users'));
  const each = (memoryOf(server) - before) / connections.length;
  assert.ok(each < 8 * 1024, `${each.toFixed()} bytes each`);
});
