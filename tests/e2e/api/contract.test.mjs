// What Exposee's users were promised, row by row: the original's own replies, and the tables of the contract.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ISO_TIME, RULES, originalReplies } from '../lib/original.mjs';
import { RawConnection } from '../lib/raw.mjs';
import { hang, json, startReceiver, status } from '../lib/receiver.mjs';
import { startServer } from '../lib/server.mjs';

const ORIGIN = { origin: 'https://shop.example' };

const NO_NAME = 'Name does not resolve';  // and why, on a machine whose name servers do not answer

const register = (server, event, url) => server.call('POST', '/webhook', { event, url });
const unregister = (server, event, url) => server.call('DELETE', '/webhook', { event, url });

async function unregisterEverything(server) {
  const { json: listing } = await server.call('GET', '/webhooks');
  for (const { event, urls } of listing.webhooks) {
    for (const url of urls) assert.equal((await unregister(server, event, url)).status, 204, url);
  }
}

test('every reply of the original service is given again', async (t) => {
  const server = await startServer(t);
  for (const row of originalReplies()) {
    if (row.name === 'user alice') await unregisterEverything(server);
    const answer = await server.call(row.method, row.path, row.body ?? undefined,
      { 'content-type': row.content_type, ...(row.name.startsWith('cors') && ORIGIN) });
    await t.test(`${row.name}: ${row.rule} ${row.status}`, () => {
      RULES[row.rule](row, answer);
      if (answer.status === 422) assertFaults(answer.json.detail);
      if (row.name.startsWith('cors')) assert.ok(answer.headers['access-control-allow-origin']);
    });
  }
});

function assertFaults(detail) {
  for (const fault of detail) {
    assert.equal(typeof fault.msg, 'string', JSON.stringify(fault));
    assert.ok('input' in fault, JSON.stringify(fault));
  }
}

test('all faults of a body are told at once and before "event not found"', async (t) => {
  const server = await startServer(t);
  const rows = [
    ['POST', '/webhook', { event: 'no_such', url: 'nope' }, [['url_parsing', 'url']]],
    ['POST', '/webhook', { event: 'not an identifier', url: 5 }, [['value_error', 'event'], ['url_type', 'url']]],
    ['DELETE', '/webhook', { event: null }, [['string_type', 'event'], ['missing', 'url']]],
    ['POST', '/users', { username: 3 }, [['string_type', 'username']]],
    ['POST', '/users/messages', { recipient: 1, message: 'm' },
      [['missing', 'sender'], ['string_type', 'recipient'], ['missing', 'subject']]],
  ];
  for (const [method, path, body, faults] of rows) {
    const answer = await server.call(method, path, body);
    assert.equal(answer.status, 422);
    assert.deepEqual(answer.json.detail.map((fault) => [fault.type, fault.loc]),
      faults.map(([type, field]) => [type, ['body', field]]), `${method} ${path} ${JSON.stringify(body)}`);
  }
});

test('NaN in a ping payload, on which the original broke, is a 422', async (t) => {
  const server = await startServer(t);
  assert.equal((await server.call('POST', '/ping', '{"a": NaN}')).status, 422);
});

test('a missing recipient is named by its place in the query', async (t) => {
  const server = await startServer(t);
  const answer = await server.call('GET', '/users/messages');
  assert.equal(answer.status, 422);
  assert.deepEqual([answer.json.detail[0].type, answer.json.detail[0].loc], ['missing', ['query', 'recipient']]);
});

test('URLs are stored in normal form and any spelling of them unregisters', async (t) => {
  const server = await startServer(t);
  const rows = [
    ['HTTP://EXAMPLE.com:80/Case', 'http://example.com/Case', 'http://Example.COM/Case'],
    ['https://example.com:443', 'https://example.com/', 'https://example.com'],
    ['http://example.com:8081?x=1', 'http://example.com:8081/?x=1', 'http://example.com:8081/?x=1'],
    ['http://example.com/a/../b/./c', 'http://example.com/b/c', 'http://example.com/x/../b/c'],
    ['http://Bücher.example.com/ü', 'http://xn--bcher-kva.example.com/%C3%BC', 'http://xn--bcher-kva.example.com/ü'],
    ['http://example.com//a//%7E?', 'http://example.com//a//%7E?', 'http://EXAMPLE.com//a//%7E?'],
    ['http://[0:0:0:0:0:0:0:1]:9000/six', 'http://[::1]:9000/six', 'http://[::1]:9000/six'],
  ];
  for (const [written, normal, other] of rows) {
    assert.equal((await register(server, 'user_registered', written)).json.url, normal, written);
    assert.equal((await register(server, 'user_registered', other)).status, 400, other);
  }
  const listed = await server.call('GET', '/webhooks?event_filter=user_registered');
  assert.deepEqual(listed.json.webhooks, [{ event: 'user_registered', urls: rows.map((row) => row[1]) }]);
  for (const [, , other] of rows) assert.equal((await unregister(server, 'user_registered', other)).status, 204, other);
});

test('URLs that exist to deceive are refused with a 422 that names the URL', async (t) => {
  const server = await startServer(t);
  const urls = ['http://user:pw@example.com/', 'http://example.com/#f', 'http://example.com\\b',
    'http://example.com/a b', 'http://example.com/a\tb', ' http://example.com/', 'http://2130706433/',
    'http://0177.0.0.1/', 'http://0x7f.1/', 'http://127.1/', 'http://%31%32%37.0.0.1/', 'http://example.com:0/',
    'http://example.com:25/', 'http://example.com:6379/', 'http://[fe80::1%25eth0]/', 'http://169.254.169.254/latest/meta-data/',
    'http://168.63.129.16/'];
  for (const url of urls) {
    const answer = await register(server, 'user_registered', url);
    assert.equal(answer.status, 422, `${url} -> ${answer.status} ${answer.text}`);
    assert.deepEqual(answer.json.detail.map((fault) => fault.loc), [['body', 'url']], url);
  }
});

test('registering works for an event name in any case and lists in the order of registration', async (t) => {
  const server = await startServer(t);
  for (const path of ['c', 'a', 'b']) await register(server, 'User_Registered', `http://example.com/${path}`);
  await register(server, 'USER_SEND_MESSAGE', 'http://example.com/b');
  await unregister(server, 'user_registered', 'http://example.com/c');
  await register(server, 'user_registered', 'http://example.com/c');
  assert.deepEqual((await server.call('GET', '/webhooks')).json.webhooks, [
    { event: 'user_registered', urls: ['a', 'b', 'c'].map((path) => `http://example.com/${path}`) },
    { event: 'user_send_message', urls: ['http://example.com/b'] },
  ]);
});

test('a receiver gets exactly the object that the call answered with', async (t) => {
  const [server, receiver] = [await startServer(t), await startReceiver(t)];
  await register(server, 'user_registered', receiver.url('/users'));
  await register(server, 'user_send_message', receiver.url('/messages'));
  const users = [];
  for (const username of ['Alice', 'ŻÓŁW']) users.push((await server.call('POST', '/users', { username })).json);
  const draft = { sender: 'ALICE', recipient: 'ŻÓŁW', subject: 'Grüße', message: '"quoted" \\ 😀\n' };
  const message = (await server.call('POST', '/users/messages', draft)).json;

  const [first, second] = (await receiver.waitFor('/users', 2)).map((record) => JSON.parse(record.body));
  const byName = new Map([first, second].map((body) => [body.data.username, body]));
  for (const user of users) assertEvent(byName.get(user.username), 'user_registered', user);
  const [sent] = (await receiver.waitFor('/messages', 1)).map((record) => JSON.parse(record.body));
  assertEvent(sent, 'user_send_message', message);
  assert.deepEqual(message, { sender: 'alice', recipient: 'ŻÓŁW', subject: draft.subject, message: draft.message,
    received_at: message.received_at });
  assert.match(message.received_at, ISO_TIME);
});

function assertEvent(body, event, answered) {
  assert.equal(body.event, event);
  assert.deepEqual(body.data, answered);
}

test('ping reports every receiver: its reply, its refusal, or why there was none', async (t) => {
  const [server, receiver] = [await startServer(t), await startReceiver(t)];
  const closed = await startReceiver(t);
  await closed.close();
  const rows = [
    [receiver.script('/json', json({ message: 'got it' }, 201)),
      { payload_response: { message: 'got it' }, status_code: 201 }],
    [receiver.script('/empty', status(204)), { payload_response: {}, status_code: 204 }],
    [receiver.script('/text', status(200, {}, 'ok')), { payload_response: {}, status_code: 200 }],
    [receiver.script('/gone', status(404)), { error: 'HTTP error: Not Found', status_code: 404 }],
    [receiver.script('/moved', status(302, { location: receiver.url('/json') })),
      { error: 'HTTP error: Found', status_code: 302 }],
    [closed.url('/'), { error: 'Connection refused', status_code: null }],
    ['http://no-such-host.invalid/', { error: NO_NAME, status_code: null }],
  ];
  for (const [url] of rows) assert.equal((await register(server, 'user_registered', url)).status, 200, url);
  const answer = await server.call('POST', '/ping');
  const report = JSON.parse(answer.text.replace(/Name does not resolve: [^"]+/, NO_NAME));
  const entries = rows.map(([url, outcome]) => ({ event: 'user_registered', url, ...outcome }));
  assert.deepEqual(report, {
    message: 'Pinged all registered webhooks successfully.',
    successful_webhooks_count: 3,
    successful_webhooks: entries.slice(0, 3),
    failed_webhooks_count: 4,
    failed_webhooks: entries.slice(3),
    hint: '4 of 7 receivers did not answer 2xx; failed_webhooks says why.',
  });
  const [sent] = receiver.to('/json');
  assert.equal(sent.method, 'POST');
  assert.equal(sent.headers['content-type'], 'application/json');
  assert.deepEqual(JSON.parse(sent.body),
    { event: 'user_registered', data: { message: 'Ping from User Notification Webhook Service' } });
});

test('ping sends the payload it is given, filters by event, and counts zero when nothing is registered', async (t) => {
  const [server, receiver] = [await startServer(t), await startReceiver(t)];
  const nothing = (await server.call('POST', '/ping')).json;
  assert.deepEqual(nothing, { message: 'Pinged all registered webhooks successfully.', successful_webhooks_count: 0,
    successful_webhooks: [], failed_webhooks_count: 0, failed_webhooks: [] });
  await register(server, 'user_registered', receiver.url('/one'));
  await register(server, 'user_send_message', receiver.url('/two'));
  const payload = { big: 12345678901234567890n.toString(), nested: { list: [1, 'ü', null] } };
  const filtered = (await server.call('POST', '/ping?event_filter=user_send_message', payload)).json;
  assert.equal(filtered.message, "Pinged webhooks for event 'user_send_message' successfully.");
  assert.deepEqual(filtered.successful_webhooks.map((entry) => entry.event), ['user_send_message']);
  assert.deepEqual(JSON.parse(receiver.to('/two')[0].body), { event: 'user_send_message', data: payload });
  await server.call('POST', '/ping', {});
  assert.equal(receiver.to('/one').length, 1);
  assert.equal(JSON.parse(receiver.to('/one')[0].body).data.message, 'Ping from User Notification Webhook Service');
});

test('ping waits for all receivers at once, bounded by the delivery time-out', async (t) => {
  const server = await startServer(t, { settings: { 'delivery.timeout_ms': 1_000 } });
  const receiver = await startReceiver(t);
  for (const path of ['/1', '/2', '/3']) await register(server, 'user_registered', receiver.script(path, hang));
  const began = Date.now();
  const report = (await server.call('POST', '/ping')).json;
  assert.ok(Date.now() - began < 2_500, `${Date.now() - began} ms`);
  assert.deepEqual(report.failed_webhooks.map((entry) => [entry.error, entry.status_code]),
    Array(3).fill(['Timed out after 1 s', null]));
});

test('any origin may call from a browser, and the preflight says so', async (t) => {
  const server = await startServer(t);
  const answer = await server.call('GET', '/webhooks', undefined, ORIGIN);
  assert.ok(['*', ORIGIN.origin].includes(answer.headers['access-control-allow-origin']));
  const calls = [['/webhook', 'DELETE'], ['/ping', 'POST'], ['/users', 'GET'], ['/users/messages', 'POST']];
  for (const [path, method] of calls) {
    const preflight = await server.call('OPTIONS', path, undefined,
      { ...ORIGIN, 'access-control-request-method': method, 'access-control-request-headers': 'content-type' });
    assert.equal(Math.floor(preflight.status / 100), 2, path);
    assert.ok(['*', ORIGIN.origin].includes(preflight.headers['access-control-allow-origin']), path);
    assert.ok(words(preflight.headers['access-control-allow-methods']).includes(method.toLowerCase()), path);
    assert.ok(words(preflight.headers['access-control-allow-headers']).includes('content-type'), path);
  }
});

// Node's own client sends only the methods that it knows.
async function ask(server, method, path) {
  const connection = await RawConnection.open(server.url);
  connection.send(`${method} ${path} HTTP/1.1\r\nHost: ${new URL(server.url).host}\r\nConnection: close\r\n\r\n`);
  await connection.untilClosed();
  return connection.text;
}

const words = (header) => (header ?? '').toLowerCase().split(/\s*,\s*/).sort();

test('HEAD, OPTIONS and 405 with Allow are right everywhere, and an unknown path is a 404', async (t) => {
  const server = await startServer(t);
  const { paths } = (await server.call('GET', '/openapi.json')).json;
  const described = Object.entries(paths).map(([path, operations]) =>
    [path.replaceAll(/\{\w+\}/g, 'x'), Object.keys(operations).map((method) => method.toUpperCase())]);
  assert.ok(described.length >= 18, `${described.length} paths`);
  for (const [path, known] of [...described, ['/', ['GET']], ['/docs', ['GET']], ['/docs/x', ['GET']]]) {
    const allowed = words([...known, ...(known.includes('GET') ? ['HEAD'] : []), 'OPTIONS'].join(','));
    const options = await server.call('OPTIONS', path);
    assert.equal(Math.floor(options.status / 100), 2, path);
    assert.deepEqual(words(options.headers.allow), allowed, `OPTIONS ${path}`);
    for (const method of ['PUT', 'TRACE', 'PROPFIND', 'POST', 'FROBNICATE'].filter((name) => !known.includes(name))) {
      const refused = await ask(server, method, path);
      assert.match(refused, /^HTTP\/1\.1 405 /, `${method} ${path}: ${refused}`);
      assert.deepEqual(words(/^allow: (.*)$/im.exec(refused)[1].trim()), allowed, `${method} ${path}`);
      assert.ok(refused.includes('"detail":"Method Not Allowed"'), refused);
    }
  }
  for (const path of ['/', '/docs', ...described.filter(([, known]) => known.includes('GET')).map(([name]) => name)]) {
    const [got, head] = [await server.call('GET', path), await server.call('HEAD', path)];
    assert.deepEqual([head.status, head.text], [got.status, ''], `HEAD ${path}`);
    // The figures move on from one call to the next.
    if (path !== '/metrics') assert.equal(head.headers['content-length'], got.headers['content-length'], path);
    assert.equal(head.headers['content-type'], got.headers['content-type'], path);
  }
  for (const path of ['/nope', '/webhook/x', '/users/alice', '/webhooks%00']) {
    const answer = await server.call('POST', path, {});
    assert.deepEqual([answer.status, answer.json?.detail], [404, 'Not Found'], path);
  }
});

test('users, messages and registrations survive a restart and a kill -9', async (t) => {
  const server = await startServer(t);
  await register(server, 'user_registered', 'http://127.0.0.1:59997/one');
  await register(server, 'user_send_message', 'http://127.0.0.1:59997/one');
  await unregister(server, 'user_registered', 'http://127.0.0.1:59997/one');
  for (const username of ['Alice', 'bob', 'żółw']) await server.call('POST', '/users', { username });
  await server.call('POST', '/users/messages', { sender: 'bob', recipient: 'ALICE', subject: 's', message: 'm' });
  const look = async () => Promise.all(['/webhooks', '/users', '/users/messages?recipient=alice']
    .map(async (path) => (await server.call('GET', path)).json));
  const before = await look();
  assert.deepEqual(before[1].map((user) => user.username), ['alice', 'bob', 'żółw']);
  assert.deepEqual((await server.stop()), { code: 0, signal: null });
  await server.start();
  assert.deepEqual(await look(), before);
  await server.kill();
  await server.start();
  assert.deepEqual(await look(), before);
  assert.equal((await server.call('POST', '/users', { username: 'ŻÓŁW' })).status, 400);
});
