// Damage in the data file, below the real binary: a row in trouble is named in the log, once, and everything else goes on.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { startReceiver } from '../lib/receiver.mjs';
import { changeData, startServer } from '../lib/server.mjs';

const EVENT = 'user_registered';
const TROUBLE = /a row of the data file is damaged/;

const damage = (server, sql) => changeData(server.data, sql);
const register = (server, url) => server.call('POST', '/webhook', { event: EVENT, url });

test('an endpoint whose stored URL nobody can read is disabled with the reason, and everybody else is served', async (t) => {
  const receiver = await startReceiver(t);
  const server = await startServer(t);
  await register(server, receiver.url('/good'));
  await register(server, receiver.url('/bad'));
  await server.stop();
  damage(server, "UPDATE endpoint SET url = x'' || 'nonsense', id = x'00' WHERE url LIKE '%/bad'");
  for (const name of ['alice', 'bob']) {
    await server.start();
    assert.equal((await server.call('POST', '/users', { username: name })).status, 200);
    await receiver.waitFor('/good', name === 'alice' ? 1 : 2);
    const { json } = await server.call('GET', '/v1/endpoints');
    const bad = json.data.find((endpoint) => endpoint.url === 'nonsense');
    assert.match(bad.disabled_reason, /stored URL cannot be read/);
    assert.equal((await server.call('PATCH', `/v1/endpoints/${bad.id}`, { disabled: false })).status, 409);
    await server.stop();
  }
  assert.ok(server.logs.some((line) => TROUBLE.test(line.text)));
  await server.start();
  assert.equal((await server.call('DELETE', '/webhook', { event: EVENT, url: 'nonsense' })).status, 204);
  assert.equal(receiver.to('/bad').length, 0);
});

test('an event that nobody can read ends its deliveries, and the log names it once', async (t) => {
  const receiver = await startReceiver(t);
  const server = await startServer(t);
  const paused = await server.call('POST', '/v1/endpoints', { url: receiver.url('/hook'), events: ['*'], paused: true });
  await server.call('POST', '/users', { username: 'alice' });
  await server.call('POST', '/users', { username: 'bob' });
  await server.stop();
  damage(server, "UPDATE event SET id = x'00' WHERE seq = (SELECT min(seq) FROM event)");
  await server.start();
  await server.call('PATCH', `/v1/endpoints/${paused.json.id}`, { paused: false });
  const [seen] = await receiver.waitFor('/hook', 1);
  assert.equal(JSON.parse(seen.body).data.username, 'bob');
  await server.call('POST', '/users', { username: 'carol' });
  await receiver.waitFor('/hook', 2);
  const { json } = await server.call('GET', '/v1/deliveries?cause=damaged');
  assert.equal(json.data.length, 1);
  assert.equal(json.data[0].status, 'exhausted');
  assert.equal(server.logged(TROUBLE).filter((line) => /not sent any more/.test(line.why)).length, 1);
  assert.equal(server.logged(/^cannot write to the database/).length, 0);
  const ended = server.logged(/^delivery ended without an attempt/);
  assert.deepEqual(ended.map((line) => [line.delivery_id, line.cause]), [[json.data[0].id, 'damaged']]);
  const metrics = (await server.call('GET', '/metrics')).text;
  assert.match(metrics, /^exposee_damaged_rows_total [1-9]/m);
  assert.match(metrics, /^exposee_attempts_total\{result="damaged"\} 1$/m);
});

test('a URL that a rule of today refuses stays listed, ends its deliveries as blocked, and unregisters', async (t) => {
  const server = await startServer(t);
  await register(server, 'http://old.invalid/');
  await server.stop();
  damage(server, "UPDATE endpoint SET url = 'http://old.invalid:6379/', schedule_ms = ''");
  await server.start();
  const listed = (await server.call('GET', '/webhooks')).json.webhooks.find((entry) => entry.event === EVENT);
  assert.deepEqual(listed.urls, ['http://old.invalid:6379/']);
  const { json } = await server.call('POST', '/ping');
  assert.match(json.failed_webhooks[0].error, /Port 6379 belongs to another kind of service/);
  assert.equal((await server.call('DELETE', '/webhook', { event: EVENT, url: 'http://old.invalid:6379/' })).status, 204);
});
