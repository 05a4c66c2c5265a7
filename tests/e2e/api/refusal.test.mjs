// Bad input of every kind gets the named answer, nothing behind it is read, and the server goes on
// (promises section 5).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';

import { assertNothingLost } from '../lib/ledger.mjs';
import { RawConnection, exchange } from '../lib/raw.mjs';
import { startReceiver } from '../lib/receiver.mjs';
import { startServer } from '../lib/server.mjs';
import { until } from '../lib/time.mjs';
import { V1 } from '../lib/v1.mjs';

const KIB = 1024;
const HOST = 'Host: 127.0.0.1\r\n';
const JSON_TYPE = 'Content-Type: application/json\r\n';
const post = (path, headers, body = '') => `POST ${path} HTTP/1.1\r\n${HOST}${JSON_TYPE}${headers}\r\n${body}`;
const SMUGGLED = 'DELETE /smuggled HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n';

async function assertGoesOn(server) {
  assert.equal((await server.call('GET', '/livez')).status, 200, 'the server goes on');
  assert.deepEqual((await server.call('GET', '/users')).json, [], 'nothing was let through');
}

const PARTS = [
  ['a request line over 8 KiB', `GET /${'a'.repeat(8 * KIB)} HTTP/1.1\r\n${HOST}\r\n`, 414],
  ['headers over 16 KiB', `GET / HTTP/1.1\r\n${HOST}${`X-A: ${'a'.repeat(4000)}\r\n`.repeat(5)}\r\n`, 431],
  ['one header over 16 KiB', `GET / HTTP/1.1\r\n${HOST}X-A: ${'a'.repeat(17 * KIB)}\r\n\r\n`, 431],
  ['more than 100 fields', `GET / HTTP/1.1\r\n${HOST}${'X-A: 1\r\n'.repeat(101)}\r\n`, 431],
  ['a body over 16 KiB, refused before it is read', post('/users', `Content-Length: ${16 * KIB + 1}\r\n`), 413],
  ['an event over 256 KiB, refused before it is read', post('/v1/events', `Content-Length: ${256 * KIB + 1}\r\n`), 413],
  ['a body over the limit that is announced with Expect',
    post('/users', 'Content-Length: 99999\r\nExpect: 100-continue\r\n'), 413],
  ['a chunked body that grows over the limit',
    post('/users', 'Transfer-Encoding: chunked\r\n', `4001\r\n${'a'.repeat(0x4001)}\r\n0\r\n\r\n`), 413],
  ['a Content-Length beyond 64 bits', post('/users', 'Content-Length: 99999999999999999999999\r\n'), [400, 413]],
];

test('what is too large is refused by its own status', async (t) => {
  const server = await startServer(t);
  for (const [name, bytes, expected] of PARTS) {
    await t.test(`${name}: ${expected}`, async () => {
      const connection = await exchange(server.url, bytes);
      const [code, ...more] = connection.statuses();
      assert.ok([expected].flat().includes(code), connection.text.slice(0, 300));
      assert.deepEqual(more, [], 'one reply');
    });
  }
  await assertGoesOn(server);
});

test('a refusal under /v1 is a problem document, elsewhere a sentence, and both name limit and way out', async (t) => {
  const server = await startServer(t);
  const rows = [['/users', 'application/json', /16384 bytes.*limits\.max_body_bytes/],
    ['/v1/endpoints', 'application/problem+json', /16384 bytes.*limits\.max_body_bytes/],
    ['/v1/events', 'application/problem+json', /262144 bytes.*limits\.max_event_bytes/]];
  for (const [path, type, words] of rows) {
    const refused = await server.call('POST', path, 'a'.repeat(256 * KIB + 1));
    assert.deepEqual([refused.status, refused.headers['content-type']], [413, type], path);
    assert.match(refused.json.detail, words);
    assert.deepEqual([refused.json.code, typeof refused.json.hint], ['payload_too_large', 'string'], path);
  }
});

test('body sizes and the origins of browsers are settings', async (t) => {
  const server = await startServer(t, { settings: { 'limits.max_body_bytes': 2048,
    'cors.allow_origins': 'https://shop.example' } });
  assert.equal((await server.call('POST', '/users', '{}'.padEnd(2049))).status, 413);
  for (const [origin, allowed, status] of [['https://shop.example', 'https://shop.example', 200],
    ['https://evil.example', undefined, 403]]) {
    const answer = await server.call('GET', '/users', undefined, { origin });
    assert.deepEqual([answer.status, answer.headers['access-control-allow-origin']], [status, allowed], origin);
    assert.equal(answer.headers.vary, 'origin');
  }
});

test('what is just within the limits passes', async (t) => {
  const server = await startServer(t);
  await new V1(server).declare('big.one');
  const frame = '{"event":"big.one","data":""}';
  const largest = `{"event":"big.one","data":"${'a'.repeat(256 * KIB - frame.length)}"}`;
  assert.equal((await server.call('POST', '/v1/events', largest)).status, 202);
  const padded = '{"username":"x"}'.padEnd(16 * KIB, ' ');
  assert.equal((await server.call('POST', '/users', padded)).status, 200);
  const path = `/users?${'a'.repeat(8 * KIB - 'GET /users? HTTP/1.1\r\n'.length)}`;
  assert.equal((await server.call('GET', path)).status, 200);
});

// Each is followed by a second request that must never be read.
const AMBIGUOUS = [
  ['both lengths', post('/users', 'Content-Length: 5\r\nTransfer-Encoding: chunked\r\n', '0\r\n\r\n')],
  ['both lengths, the other way round',
    post('/users', 'Transfer-Encoding: chunked\r\nContent-Length: 5\r\n', '0\r\n\r\n')],
  ['two lengths', post('/users', 'Content-Length: 2\r\nContent-Length: 7\r\n', '{}')],
  ['the same length twice', post('/users', 'Content-Length: 2\r\nContent-Length: 2\r\n', '{}')],
  ['a list of lengths', post('/users', 'Content-Length: 2, 2\r\n', '{}')],
  ['a length with a sign', post('/users', 'Content-Length: +2\r\n', '{}')],
  ['a negative length', post('/users', 'Content-Length: -1\r\n', '{}')],
  ['a length in hex', post('/users', 'Content-Length: 0x2\r\n', '{}')],
  ['an empty length', post('/users', 'Content-Length: \r\n', '{}')],
  ['a bare LF after the request line', `POST /users HTTP/1.1\n${HOST}Content-Length: 2\r\n\r\n{}`],
  ['a bare LF after a header', post('/users', 'X-A: 1\nContent-Length: 2\r\n', '{}')],
  ['a bare LF as the end of the head', `POST /users HTTP/1.1\r\n${HOST}Content-Length: 2\r\n\n{}`],
  ['a bare CR in a header', post('/users', 'X-A: 1\rX-B: 2\r\nContent-Length: 2\r\n', '{}')],
  ['a space before the colon', post('/users', 'Content-Length : 2\r\n', '{}')],
  ['a tab before the colon', post('/users', 'Transfer-Encoding\t: chunked\r\n', '0\r\n\r\n')],
  ['a folded header', post('/users', 'X-A: 1\r\n Content-Length: 2\r\n', '{}')],
  ['a fold before the first header', `POST /users HTTP/1.1\r\n ${HOST}Content-Length: 2\r\n\r\n{}`],
  ['an empty field name', post('/users', ': 1\r\nContent-Length: 2\r\n', '{}')],
  ['a field without a colon', post('/users', 'Nonsense\r\nContent-Length: 2\r\n', '{}')],
  ['a NUL in a header', post('/users', 'X-A: a\0b\r\nContent-Length: 2\r\n', '{}')],
  ['an unknown coding', post('/users', 'Transfer-Encoding: gzip\r\n', '{}'), [400, 501]],
  ['an unknown coding before chunked', post('/users', 'Transfer-Encoding: gzip, chunked\r\n', '0\r\n\r\n'), [400, 501]],
  ['identity', post('/users', 'Transfer-Encoding: identity\r\n', '{}'), [400, 501]],
  ['chunked that is not last', post('/users', 'Transfer-Encoding: chunked, gzip\r\n', '0\r\n\r\n'), [400, 501]],
  ['chunked twice', post('/users', 'Transfer-Encoding: chunked, chunked\r\n', '0\r\n\r\n'), [400, 501]],
  ['chunked in two fields', post('/users', 'Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n', '0\r\n\r\n'),
    [400, 501]],
  ['a misspelt coding', post('/users', 'Transfer-Encoding: xchunked\r\n', '0\r\n\r\n'), [400, 501]],
  ['a chunk size with 0x', post('/users', 'Transfer-Encoding: chunked\r\n', '0x2\r\n{}\r\n0\r\n\r\n')],
  ['a chunk size with a sign', post('/users', 'Transfer-Encoding: chunked\r\n', '+2\r\n{}\r\n0\r\n\r\n')],
  ['a chunk size with a space', post('/users', 'Transfer-Encoding: chunked\r\n', '2 \r\n{}\r\n0\r\n\r\n')],
  ['a chunk size beyond 64 bits',
    post('/users', 'Transfer-Encoding: chunked\r\n', '10000000000000002\r\n{}\r\n0\r\n\r\n'), [400, 413]],
  ['a bare LF after a chunk size', post('/users', 'Transfer-Encoding: chunked\r\n', '2\n{}\r\n0\r\n\r\n')],
  ['a chunk that is longer than it says', post('/users', 'Transfer-Encoding: chunked\r\n', '2\r\n{}x\r\n0\r\n\r\n')],
  ['chunked under HTTP/1.0', `POST /users HTTP/1.0\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
  ['no Host', 'GET /users HTTP/1.1\r\n\r\n'],
  ['two Hosts', `GET /users HTTP/1.1\r\n${HOST}Host: other\r\n\r\n`],
  ['two spaces after the method', `GET  /users HTTP/1.1\r\n${HOST}\r\n`],
  ['a version that does not exist', `GET /users HTTP/1.2\r\n${HOST}\r\n`, [400, 505]],
  ['HTTP/2.0', `GET /users HTTP/2.0\r\n${HOST}\r\n`, [400, 505]],
  ['HTTP/0.9', 'GET /users\r\n\r\n', [400, 505]],
  ['a method that is not a token', `G@T /users HTTP/1.1\r\n${HOST}\r\n`],
  ['TLS on a plain port', Buffer.concat([Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01]), Buffer.alloc(64)])],
];

test('what is ambiguous is a 400, the connection is closed, and nothing after it is read', async (t) => {
  const server = await startServer(t);
  for (const [name, bytes, expected = [400]] of AMBIGUOUS) {
    await t.test(name, async () => {
      const connection = await exchange(server.url,
        Buffer.concat([Buffer.from(bytes, 'latin1'), Buffer.from(SMUGGLED)]));
      const [code, ...more] = connection.statuses();
      assert.ok(expected.includes(code), JSON.stringify(connection.text.slice(0, 300)));
      assert.deepEqual(more, [], `a second reply: ${connection.text}`);
    });
  }
  await assertGoesOn(server);
});

test('requests that are merely unusual are understood', async (t) => {
  const server = await startServer(t);
  const rows = [
    ['two in one packet', `GET /livez HTTP/1.1\r\n${HOST}\r\nGET /users HTTP/1.1\r\n${HOST}Connection: close\r\n\r\n`,
      [200, 200]],
    ['a chunked body in pieces',
      post('/users', 'Transfer-Encoding: chunked\r\nConnection: close\r\n', '1\r\n{\r\n1\r\n}\r\n0\r\n\r\n'), [422]],
    ['HTTP/1.0', 'GET /livez HTTP/1.0\r\n\r\n', [200]],
    ['a tab behind a length', post('/users', 'Content-Length: 2\t\r\nConnection: close\r\n', '{}'), [422]],
    ['blanks around an extension',
      post('/users', 'Transfer-Encoding: chunked\t\r\nConnection: close\r\n', '2 ; a\r\n{}\r\n0; b\r\n\r\n'), [422]],
    ['a URL as the target, whatever Host says',
      `GET http://127.0.0.1/v1/endpoints HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n`, [200]],
    ['a URL of another host as the target',
      `GET http://evil.example/v1/endpoints HTTP/1.1\r\n${HOST}Connection: close\r\n\r\n`, [421]],
    ['an empty line before the request', `\r\nGET /livez HTTP/1.1\r\n${HOST}Connection: close\r\n\r\n`, [200]],
  ];
  for (const [name, bytes, expected] of rows) {
    const connection = await exchange(server.url, bytes);
    assert.deepEqual(connection.statuses(), expected, `${name}: ${connection.text}`);
  }
});

test('a client that waits for "100 Continue" gets it before it sends its body', async (t) => {
  const server = await startServer(t);
  const connection = await RawConnection.open(server.url);
  connection.send(post('/users', 'Content-Length: 2\r\nExpect: 100-continue\r\nConnection: close\r\n'));
  await until(() => connection.statuses().length === 1, { what: 'the interim reply' });
  connection.send('{}');
  await connection.untilClosed();
  assert.deepEqual(connection.statuses(), [100, 422]);
});

test('a head that does not come in time is a 408', async (t) => {
  const server = await startServer(t, { settings: { 'server.head_timeout_ms': 500 } });
  const slow = await RawConnection.open(server.url);
  slow.send('GET /users HTTP/1.1\r\nHost: 127.');
  await slow.untilClosed(5_000);
  assert.deepEqual(slow.statuses(), [408]);
  await assertGoesOn(server);
});

test('a kept-alive connection that stays silent is closed without a reply', async (t) => {
  const server = await startServer(t, { settings: { 'server.idle_timeout_ms': 300 } });
  const idle = await RawConnection.open(server.url);
  idle.send(`GET /livez HTTP/1.1\r\n${HOST}\r\n`);
  await idle.untilClosed(5_000);
  assert.deepEqual(idle.statuses(), [200]);
});

test('a body that does not flow is a 408', { timeout: 40_000 }, async (t) => {
  const server = await startServer(t);
  const slow = await RawConnection.open(server.url);
  slow.send(post('/users', 'Content-Length: 100\r\n', '{"user'));
  await slow.untilClosed(30_000);
  assert.deepEqual(slow.statuses(), [408]);
  await assertGoesOn(server);
});

test('this machine, where a proxy may stand for everybody, has no limit as one peer', async (t) => {
  const server = await startServer(t, { settings: { 'server.max_connections_per_peer': 2 } });
  const open = [];
  for (let i = 0; i < 8; ++i) {
    const connection = await RawConnection.open(server.url);
    open.push(connection);
    connection.send(`GET /livez HTTP/1.1\r\n${HOST}\r\n`);
    await until(() => connection.statuses().length === 1, { what: `a reply on connection ${i + 1}` });
  }
  for (const connection of open) {
    assert.deepEqual(connection.statuses(), [200]);
    connection.destroy();
  }
});

test('a connection on which nothing is said is closed without a word', async (t) => {
  const server = await startServer(t, { settings: { 'server.head_timeout_ms': 300 } });
  const silent = await RawConnection.open(server.url);
  await silent.untilClosed(5_000);
  assert.equal(silent.text, '');
});

test('how long a connection may be idle is announced', async (t) => {
  const server = await startServer(t);
  const kept = await RawConnection.open(server.url);
  kept.send(`GET /livez HTTP/1.1\r\n${HOST}\r\n`);
  await until(() => kept.statuses().length === 1, { what: 'the reply' });
  assert.match(kept.text, /\r\nConnection: keep-alive\r\nKeep-Alive: timeout=75\r\n/);
  kept.destroy();
});

test('bodies may come as gzip, are delivered as they were before, and every other coding is a 415', async (t) => {
  const server = await startServer(t);
  const receiver = await startReceiver(t);
  const v1 = new V1(server);
  await v1.declare('order.paid');
  await v1.endpoint(receiver.url(), ['order.paid']);
  const send = (path, body, headers) => fetch(server.url + path,
    { method: 'POST', body, headers: { 'content-type': 'application/json', ...headers } });
  const data = `{"n": 1.50, "text": "${'lorem ipsum '.repeat(500)}"}`;
  const event = `{"event":"order.paid","data":${data}}`;
  const taken = await send('/v1/events', gzipSync(event), { 'content-encoding': 'gzip' });
  assert.equal(taken.status, 202, await taken.text());
  const [request] = await receiver.waitFor('/hook', 1);
  assert.ok(request.body.toString().includes(data), 'what was packed arrives byte for byte');

  for (const [path, type] of [['/users', 'application/json'], ['/v1/events', 'application/problem+json']]) {
    const refused = await send(path, 'x', { 'content-encoding': 'br' });
    assert.equal(refused.status, 415);
    assert.equal(refused.headers.get('accept-encoding'), 'gzip, identity');
    assert.equal(refused.headers.get('content-type'), type);
    assert.match((await refused.json()).hint, /gzip/);
  }
  const damaged = await send('/users', '{"username":"alice"}', { 'content-encoding': 'gzip' });
  assert.equal(damaged.status, 400);
  assert.match((await damaged.json()).detail, /not valid gzip/);
  const bomb = await send('/v1/events', gzipSync(Buffer.alloc(64 * 1024 * KIB, 0x20)), { 'content-encoding': 'gzip' });
  assert.equal(bomb.status, 413);
  await assertGoesOn(server);
});

const nested = (depth) => `${'{"a":'.repeat(depth - 1)}{}${'}'.repeat(depth - 1)}`;
const BAD_JSON = [
  ['deeper than 64', '/ping', nested(65)],
  ['lists deeper than 64', '/ping', `{"a":${'['.repeat(64)}${']'.repeat(64)}}`],
  ['a key twice', '/users', '{"username":"a","username":"b"}'],
  ['a key twice, once escaped', '/users', '{"username":"a","user\\u006eame":"b"}'],
  ['a key twice, further in', '/v1/events', '{"event":"e","data":{"x":{"k":1,"k":2}}}'],
  ['invalid UTF-8', '/users', Buffer.from([...Buffer.from('{"username":"'), 0xff, 0xfe, ...Buffer.from('"}')])],
  ['overlong UTF-8', '/users', Buffer.from([...Buffer.from('{"username":"'), 0xc0, 0xaf, ...Buffer.from('"}')])],
  ['UTF-8 of a surrogate', '/users', Buffer.from([...Buffer.from('{"username":"'), 0xed, 0xa0, 0x80,
    ...Buffer.from('"}')])],
  ['UTF-16', '/users', Buffer.from('{"username":"a"}', 'utf16le')],
  ['a lone high surrogate', '/users', '{"username":"\\ud83d"}'],
  ['a lone low surrogate', '/users', '{"username":"\\udc22x"}'],
  ['a lone surrogate in a key', '/ping', '{"\\ud800":1}'],
  ['a lone surrogate in event data', '/v1/events', '{"event":"e","data":{"x":"\\ud800"}}'],
  ['trailing bytes', '/users', '{"username":"a"} {}'],
  ['a control byte in a string', '/users', '{"username":"a\u0001b"}'],
  ['NaN', '/ping', '{"a":NaN}'],
  ['a leading zero', '/ping', '{"a":01}'],
  ['a comment', '/users', '{"username":"a"/**/}'],
];

test('JSON that is not strictly JSON is refused and the place is named', async (t) => {
  const server = await startServer(t);
  await new V1(server).declare('e');
  for (const [name, path, body] of BAD_JSON) {
    await t.test(name, async () => {
      const answer = await server.call('POST', path, body);
      assert.ok([400, 422].includes(answer.status), `${answer.status} ${answer.text}`);
      if (path.startsWith('/v1')) assert.ok(answer.json.detail || answer.json.errors?.length, answer.text);
      else assert.ok(Array.isArray(answer.json.detail) && answer.json.detail[0].loc[0] === 'body', answer.text);
    });
  }
  assert.equal((await server.call('POST', '/ping', nested(64))).status, 200);
  await assertGoesOn(server);
});

test('what a paused endpoint is owed holds up nobody, and arrives', async (t) => {
  // A setting of earlier versions that refused everybody past so many deliveries.
  const server = await startServer(t, { settings: { 'limits.max_pending_deliveries': 1_000 } });
  const [receiver, v1] = [await startReceiver(t), new V1(server)];
  const paused = await v1.endpoint(receiver.url('/paused'), ['user_registered'], { paused: true });
  await v1.endpoint(receiver.url('/healthy'), ['user_registered']);
  const acked = [];
  for (let batch = 0; batch < 6; ++batch) {
    const events = Array.from({ length: 1_000 }, () => ({ event: 'user_registered', data: {} }));
    const answer = await server.call('POST', '/v1/events', events);
    assert.ok(answer.status < 300, answer.text);
    acked.push(...answer.json.data.map((result) => result.id));
  }
  await assertNothingLost(t, acked, receiver, '/healthy');
  await server.kill();
  await server.start();
  await v1.patch(paused.id, { paused: false });
  await assertNothingLost(t, acked, receiver, '/paused');
  assert.equal(server.logged(/max_pending_deliveries has no effect/).length, 1);
});
