// Why an attempt failed is recorded for every kind of failure, with words a person can act on; and TLS done right.
import assert from 'node:assert/strict';
import net from 'node:net';
import os from 'node:os';
import { test } from 'node:test';

import { selfSigned } from '../lib/certificates.mjs';
import { OK, garbage, hang, hangUp, startReceiver, status } from '../lib/receiver.mjs';
import { newDirectory, startServer } from '../lib/server.mjs';
import { until } from '../lib/time.mjs';
import { V1 } from '../lib/v1.mjs';

const ONCE_MORE = { schedule_ms: [60_000], timeout_ms: 1_000 };  // one attempt now, the next long after the test

async function declared(server) {
  const v1 = new V1(server);
  await v1.declare('order.paid');
  return v1;
}

// Publishes one event to an endpoint at this URL and gives the first attempt once it is recorded.
async function firstAttempt(v1, url, more = ONCE_MORE) {
  const endpoint = await v1.endpoint(url, ['order.paid'], more);
  const event = await v1.publish('order.paid', {});
  const delivery = await until(async () => {
    const found = await v1.deliveryOf(event.id, endpoint.id);
    return found.attempts.length > 0 && found;
  }, { within: 20_000, what: `the first attempt at ${url}` });
  await v1.server.call('DELETE', `/v1/endpoints/${endpoint.id}`);
  return delivery.attempts[0];
}

async function closedPort() {
  const server = net.createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

// A listener that does this with every connection's first bytes.
async function rawListener(t, act) {
  const sockets = new Set();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('data', () => act(socket));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return `http://127.0.0.1:${server.address().port}/`;
}

test('the cause of every failure is recorded', async (t) => {
  const [server, receiver] = [await startServer(t), await startReceiver(t)];
  const v1 = await declared(server);
  const tls = await startReceiver(t, { tls: selfSigned(newDirectory(t)) });
  const rows = [
    ['a response other than 2xx', receiver.script('/500', status(500, {}, 'db locked')), 'http', 500],
    ['a port where nothing listens', `http://127.0.0.1:${await closedPort()}/`, 'connect', null],
    ['a receiver that never answers', receiver.script('/hang', hang), 'timeout', null],
    ['a receiver that hangs up', receiver.script('/closed', hangUp), 'closed', null],
    ['a response that is not HTTP', receiver.script('/garbage', garbage), 'bad_response', null],
    ['a certificate nobody vouches for', tls.url('/'), 'tls', null],
    ['a name that does not resolve', 'http://no-such-host.invalid/', 'dns', null],
    ['plain HTTP where TLS was asked for', receiver.url('/').replace('http:', 'https:'), 'tls', null],
    ['a head that breaks off', await rawListener(t, (socket) => socket.end('HTTP/1.1 200 OK\r\nContent-')), 'closed',
      null],
    ['an endless head', await rawListener(t, (socket) => socket.write(`HTTP/1.1 200 OK\r\nx: ${'a'.repeat(20_000)}`)),
      'bad_response', null],
    ['a head one byte at a time', await rawListener(t, (socket) => trickle(t, socket)), 'timeout', null],
    ['a flood of 1xx', await rawListener(t, (socket) => socket.write('HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(6))),
      'bad_response', null],
  ];
  for (const [name, url, cause, code] of rows) {
    await t.test(`${name}: ${cause}`, async () => {
      const attempt = await firstAttempt(v1, url, name.includes('resolve') ? { schedule_ms: [60_000] } : ONCE_MORE);
      assert.deepEqual([attempt.cause, attempt.status_code], [cause, code], JSON.stringify(attempt));
      if (code === null) assert.ok(attempt.error?.length > 0, `plain words: ${JSON.stringify(attempt)}`);
    });
  }
});

test('where http and https were mixed up, the hint says so', async (t) => {
  const [server, receiver] = [await startServer(t), await startReceiver(t)];
  const v1 = await declared(server);
  const tls = await startReceiver(t, { tls: selfSigned(newDirectory(t)) });
  const plain = await firstAttempt(v1, receiver.url('/').replace('http:', 'https:'), ONCE_MORE);
  assert.match(plain.hint, /plain HTTP.*Register the URL with http:\/\//);
  const secured = await firstAttempt(v1, tls.url('/').replace('https:', 'http:'), ONCE_MORE);
  assert.match(secured.hint, /expects? https:\/\//);
});

function trickle(t, socket) {
  const timer = setInterval(() => socket.write('H'), 100);
  socket.write('HTTP/1.1 200 OK\r\nx: ');
  socket.on('close', () => clearInterval(timer));
  t.after(() => clearInterval(timer));
}

test('an attempt ends at its deadline, also when the response trickles', async (t) => {
  const server = await startServer(t);
  const v1 = await declared(server);
  const attempt = await firstAttempt(v1, await rawListener(t, (socket) => trickle(t, socket)));
  assert.equal(attempt.cause, 'timeout');
  assert.ok(attempt.duration_ms >= 950 && attempt.duration_ms <= 1_500, `${attempt.duration_ms} ms of 1000`);
});

test('a 2xx with an endless body is a success that costs nothing but its connection', async (t) => {
  const server = await startServer(t);
  const v1 = await declared(server);
  let closed = false;
  const url = await rawListener(t, (socket) => {
    socket.on('close', () => { closed = true; });
    socket.write('HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\n');
    const flood = () => { if (!socket.destroyed) socket.write(Buffer.alloc(16_384, 'x'), () => setImmediate(flood)); };
    flood();
  });
  const attempt = await firstAttempt(v1, url);
  assert.deepEqual([attempt.status_code, attempt.cause ?? null], [200, null]);
  await until(() => closed, { what: 'the connection to be given up' });
});

test('bodies that never end hold up nobody, not even the next event of an ordered endpoint', async (t) => {
  const server = await startServer(t);
  const v1 = await declared(server);
  for (const head of ['HTTP/1.1 200 OK\r\n\r\n', 'HTTP/1.1 200 OK\n\n',
    'HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n']) {
    const url = await rawListener(t, (socket) => socket.write(head));
    const endpoint = await v1.endpoint(url, ['order.paid'], { ordered: true, schedule_ms: [] });
    const begun = Date.now();
    const events = [];
    for (let i = 0; i < 6; ++i) events.push(await v1.publish('order.paid', { i }));
    for (const { id } of events) await v1.settled(id, endpoint.id, 'succeeded');
    assert.ok(Date.now() - begun < 4_000, `${Date.now() - begun} ms for six events: ${JSON.stringify(head)}`);
    await server.call('DELETE', `/v1/endpoints/${endpoint.id}`);
  }
});

test('answers are read as curl reads them: the head decides', async (t) => {
  const server = await startServer(t);
  const v1 = await declared(server);
  for (const [name, answer] of [
    ['lines that end by LF', 'HTTP/1.1 200 OK\nContent-Length: 0\n\n'],
    ['a folded field', 'HTTP/1.1 200 OK\r\nPolicy: a,\r\n\tb\r\nContent-Length: 0\r\n\r\n'],
    ['a blank before the colon', 'HTTP/1.1 200 OK\r\nContent-Length : 0\r\n\r\n'],
    ['a length given twice', 'HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\nContent-Length: 2\r\n\r\nok'],
    ['a length beside chunks', 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n'],
    ['chunks in HTTP/1.0', 'HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n'],
  ]) {
    const attempt = await firstAttempt(v1, await rawListener(t, (socket) => socket.write(answer)));
    assert.deepEqual([attempt.status_code, attempt.cause ?? null], [200, null], name);
  }
});

test('no call registers an address of the server itself', async (t) => {
  for (const listen of ['127.0.0.1:0', '0.0.0.0:0']) {
    const server = await startServer(t, { listen, settings: { 'security.allow_networks': '0.0.0.0/0,::/0',
      'security.allow_hosts': 'localhost' } });
    const { port } = new URL(server.url);
    for (const host of ['127.0.0.1', 'localhost', '[::1]', '[::ffff:127.0.0.1]', ...addressesBehind(listen)]) {
      const url = `http://${host}:${port}/users`;
      const old = await server.call('POST', '/webhook', { event: 'user_registered', url });
      assert.deepEqual([old.status, old.json.detail[0].type], [422, 'value_error'], url);
      const created = await server.call('POST', '/v1/endpoints', { url, events: ['*'] });
      assert.deepEqual([created.status, created.json.errors[0].pointer], [422, '/url'], url);
      assert.match(created.json.errors[0].message, /own address/, url);
    }
  }
});

// The machine's own IPv4 addresses, when all of them are listened on.
function addressesBehind(listen) {
  if (!listen.startsWith('0.0.0.0')) return [];
  return Object.values(os.networkInterfaces()).flat().filter(({ family }) => family === 'IPv4')
    .map(({ address }) => address);
}

// Registered while a receiver listened there; then the server itself takes the port.
test('Exposee never delivers to itself, also not to what was registered before it came to listen there', async (t) => {
  const server = await startServer(t);
  const v1 = await declared(server);
  const receiver = await startReceiver(t);
  const endpoint = await v1.endpoint(receiver.url('/hook'), ['order.paid']);
  await server.kill();
  const own = new URL(receiver.url('/')).host;
  await receiver.close();
  server.listen = own;
  await server.start();
  const event = await v1.publish('order.paid', {});
  const delivery = await until(async () => {
    const found = await v1.deliveryOf(event.id, endpoint.id);
    return found.attempts.length > 0 && found;
  }, { what: 'the first attempt' });
  assert.equal(delivery.attempts[0].cause, 'blocked', JSON.stringify(delivery));
  const [listed] = await v1.deliveries({ event: event.id });
  for (const { hint } of [delivery, delivery.attempts[0], listed]) assert.match(hint, /own address.*Register the URL/);
});

test('a failed attempt is one wide log line that names event, endpoint and cause, and never the secret', async (t) => {
  const [server, receiver] = [await startServer(t), await startReceiver(t)];
  const v1 = await declared(server);
  const endpoint = await v1.endpoint(receiver.script('/500', status(500)), ['order.paid'], ONCE_MORE);
  const event = await v1.publish('order.paid', {});
  const line = await until(() => server.logs.find((entry) => entry.text.includes(event.id) && entry.json?.cause));
  const { cause, status_code: code, endpoint_id: endpointId, attempt } = line.json;
  assert.deepEqual([cause, code, endpointId, attempt], ['http', 500, endpoint.id, 1]);
  for (const { text } of server.logs) assert.ok(!text.includes(endpoint.secret.slice('whsec_'.length)), text);
});

test('pings and test deliveries leave the line of an attempt: failures at info, successes at debug', async (t) => {
  const receiver = await startReceiver(t);
  for (const [level, answer, message] of [['info', status(500), 'attempt failed'], ['debug', OK, 'attempt succeeded']]) {
    const server = await startServer(t, { settings: { 'log.level': level } });
    const url = receiver.script(`/${level}`, answer);
    const { endpoint_id: id } = (await server.call('POST', '/webhook', { event: 'user_registered', url })).json;
    await server.call('POST', '/ping', {});
    await server.call('POST', `/v1/endpoints/${id}/test`);
    const lines = await until(() => server.logged(message).length === 2 && server.logged(message));
    assert.deepEqual(lines.map(({ kind, event, status_code: code }) => [kind, event, code]),
      ['ping', 'test'].map((kind) => [kind, 'user_registered', answer.status]));
  }
});

test('https works with a certificate the operator trusts, by name and by address, on one connection', async (t) => {
  const certificate = selfSigned(newDirectory(t));
  const receiver = await startReceiver(t, { tls: certificate });
  const server = await startServer(t, { settings: { 'security.extra_ca_file': certificate.file } });
  const v1 = await declared(server);
  for (const host of ['localhost', '127.0.0.1']) {
    const endpoint = await v1.endpoint(receiver.url(`/${host}`, host), ['order.paid']);
    for (let i = 0; i < 3; ++i) {
      await v1.settled((await v1.publish('order.paid', { i })).id, endpoint.id, 'succeeded');
    }
    const sent = receiver.to(`/${host}`);
    assert.equal(new Set(sent.map((record) => record.remotePort)).size, 1, host);
    await server.call('DELETE', `/v1/endpoints/${endpoint.id}`);
  }
});

test('a trusted certificate for another name is refused', async (t) => {
  const certificate = selfSigned(newDirectory(t), { name: 'other.example' });
  const receiver = await startReceiver(t, { tls: certificate });
  const server = await startServer(t, { settings: { 'security.extra_ca_file': certificate.file } });
  const attempt = await firstAttempt(await declared(server), receiver.url('/', 'localhost'));
  assert.equal(attempt.cause, 'tls', JSON.stringify(attempt));
  assert.equal(receiver.started, 0);
});

test('TLS below 1.2 is refused', async (t) => {
  const certificate = selfSigned(newDirectory(t));
  const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' };
  const receiver = await startReceiver(t, { tls: { ...certificate, ...old } });
  const server = await startServer(t, { settings: { 'security.extra_ca_file': certificate.file } });
  const attempt = await firstAttempt(await declared(server), receiver.url('/', 'localhost'));
  assert.equal(attempt.cause, 'tls', JSON.stringify(attempt));
});

test('a server that listens publicly refuses to connect to a private address that was registered before', async (t) => {
  const receiver = await startReceiver(t);
  const server = await startServer(t);
  const v1 = await declared(server);
  const release = receiver.script('/hook', hangUp, OK);
  await v1.endpoint(release, ['order.paid'], { schedule_ms: [300, 300] });
  await v1.publish('order.paid', {});
  await receiver.waitFor('/hook', 1);
  await server.kill();
  server.listen = '0.0.0.0:0';
  await server.start();
  const blocked = await until(() => server.life.lines.find((line) => line.json?.cause === 'blocked'),
    { what: 'a blocked attempt' });
  assert.match(blocked.text, /127\.0\.0\.1/);
  assert.equal(receiver.count('/hook'), 1);
});
