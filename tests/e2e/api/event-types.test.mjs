// DELETE /v1/event-types/{name}, through the real binary: what is refused from then on, and what stays.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { OK, startReceiver, status } from '../lib/receiver.mjs';
import { changeData, startServer } from '../lib/server.mjs';
import { V1 } from '../lib/v1.mjs';

const TYPE = 'order.paid';
const PATH = `/v1/event-types/${TYPE}`;

async function declared(t, name = TYPE) {
  const server = await startServer(t);
  const v1 = new V1(server);
  await v1.declare(name, 'An order was paid');
  return { server, v1 };
}

async function remove(server, name = TYPE) {
  const answer = await server.call('DELETE', `/v1/event-types/${name}`);
  assert.deepEqual([answer.status, answer.text], [204, '']);
}

test('a removed event type refuses events, before and after a restart, until it is declared again', async (t) => {
  const { server, v1 } = await declared(t);
  const receiver = await startReceiver(t);
  const { id } = await v1.endpoint(receiver.url(), ['order.*']);
  await remove(server);
  for (const life of ['first', 'second']) {
    const refused = await server.call('POST', '/v1/events', { event: TYPE, data: 1 });
    assert.deepEqual([refused.status, refused.json.code], [404, 'event_type_not_found'], life);
    assert.equal((await server.call('GET', PATH)).status, 404);
    assert.equal((await server.call('DELETE', PATH)).status, 404);
    assert.deepEqual((await v1.showEndpoint(id)).events, ['order.*']);
    if (life === 'first') {
      await server.kill();
      await server.start();
    }
  }
  await v1.declare(TYPE, 'Paid at last');
  assert.equal((await v1.publish(TYPE, { order: 7 })).deliveries, 1);
  const [sent] = await receiver.waitFor('/hook', 1);
  assert.deepEqual(JSON.parse(sent.body).data, { order: 7 });
});

test('what was accepted before is still delivered, listed, explained and retried, under its name', async (t) => {
  const { server, v1 } = await declared(t);
  const receiver = await startReceiver(t);
  const { id } = await v1.endpoint(receiver.script('/hook', status(500), OK), [TYPE], { schedule_ms: [60_000] });
  const event = await v1.publish(TYPE, { order: 7 });
  const failed = await v1.settled(event.id, id, 'pending', { attempts: 1 });
  assert.equal(failed.event, TYPE);
  await remove(server);
  await server.kill();
  await server.start();

  const waiting = await v1.delivery(failed.id);
  assert.deepEqual([waiting.status, waiting.event, typeof waiting.hint], ['pending', TYPE, 'string']);
  assert.equal((await v1.retry(failed.id)).status, 202);
  await v1.settled(event.id, id, 'succeeded', { attempts: 2 });
  const [, again] = await receiver.waitFor('/hook', 2);
  assert.equal(again.headers['webhook-event'], TYPE);
  for (const list of ['events', 'deliveries']) {
    const { data } = (await server.call('GET', `/v1/${list}?event=${TYPE}`)).json;
    assert.deepEqual(data.map((row) => row.event), [TYPE], list);
  }
  assert.equal((await server.call('GET', `/v1/events/${event.id}`)).json.event, TYPE);
});

test("the contract's calls know a removed type no more than one that never was", async (t) => {
  const { server } = await declared(t, 'order_paid');
  const receiver = await startReceiver(t);
  const body = { event: 'order_paid', url: receiver.url() };
  assert.equal((await server.call('POST', '/webhook', body)).status, 200);
  await remove(server, 'order_paid');
  assert.deepEqual((await server.call('GET', '/webhooks')).json.webhooks.map(({ event }) => event),
    ['user_registered', 'user_send_message']);
  for (const [method, target, sent] of [['POST', '/ping?event_filter=$', {}], ['GET', '/webhooks?event_filter=$'],
    ['POST', '/webhook', body], ['DELETE', '/webhook', body]]) {
    const ask = (name) => server.call(method, target.replace('$', name), sent && { ...sent, event: name });
    const [gone, never] = [await ask('order_paid'), await ask('order_piad')];
    assert.equal(gone.status, 404, `${method} ${target}`);
    assert.equal(gone.text.replaceAll('order_paid', '$'), never.text.replaceAll('order_piad', '$'));
  }
});

test('the built-in types cannot be removed, and a change in between is noticed by If-Match', async (t) => {
  const { server, v1 } = await declared(t);
  for (const name of ['user_registered', 'user_send_message']) {
    const { json, status: code } = await server.call('DELETE', `/v1/event-types/${name}`);
    assert.deepEqual([code, json.code, typeof json.hint], [409, 'event_type_built_in', 'string']);
  }
  const tag = (await server.call('GET', PATH)).headers.etag;
  await remove(server);
  await v1.declare(TYPE, 'Something else');
  const lost = await server.call('DELETE', PATH, undefined, { 'if-match': tag });
  assert.deepEqual([lost.status, lost.json.code], [412, 'precondition_failed']);
  const now = (await server.call('GET', PATH)).headers.etag;
  assert.equal((await server.call('DELETE', PATH, undefined, { 'if-match': now })).status, 204);
});

test('data of the schema before this call is brought up to date, with all of its types declared', async (t) => {
  const { server, v1 } = await declared(t);
  await server.stop();
  changeData(server.data, `
    ALTER TABLE event DROP COLUMN checksum;
    ALTER TABLE event_type DROP COLUMN removed_at;
    ALTER TABLE endpoint DROP COLUMN max_retry_after_ms;
    ALTER TABLE endpoint DROP COLUMN max_pending;
    DROP TABLE backlog_pack;
    DROP TABLE turn_marker;
    DROP TABLE endpoint_failing;
    DROP TABLE shard_mark;
    DROP TABLE node;
    ALTER TABLE meta DROP COLUMN last_type;
    ALTER TABLE meta DROP COLUMN last_endpoint;
    ALTER TABLE meta ADD COLUMN checkpoint INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE endpoint_hold ADD COLUMN in_all_us INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE stored_reply RENAME TO answer;
    ALTER TABLE subscription RENAME TO by_pattern;
    CREATE TABLE subscription (type INTEGER NOT NULL, endpoint INTEGER NOT NULL, from_version INTEGER NOT NULL,
      until_version INTEGER, PRIMARY KEY (type, endpoint, from_version)) STRICT, WITHOUT ROWID;
    CREATE INDEX subscription_of_endpoint ON subscription (endpoint);
    INSERT INTO subscription SELECT number, endpoint, from_version, until_version FROM by_pattern JOIN event_type ON name = pattern;
    DROP TABLE by_pattern;
    DROP INDEX stored_reply_by_age;
    CREATE INDEX answer_by_age ON answer (stored_at);
    PRAGMA user_version = 5`);
  await server.start();
  await v1.publish(TYPE, { order: 7 });
  await remove(server);
});
