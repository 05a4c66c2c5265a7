// SIGTERM drains: what is under way is finished, what was acknowledged is stored, and what is owed goes on after the
// restart.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { OK, hang, startReceiver } from '../lib/receiver.mjs';
import { assertNothingLost } from '../lib/ledger.mjs';
import { Load } from '../lib/load.mjs';
import { RawConnection } from '../lib/raw.mjs';
import { startServer } from '../lib/server.mjs';
import { gate, inTime, moment, until } from '../lib/time.mjs';
import { V1 } from '../lib/v1.mjs';

const DRAIN_DEADLINE_MS = 20_000;
const AT_ONCE_MS = 2_000;

// An endpoint whose receiver holds every request until the gate opens.
async function heldScene(t) {
  const [server, receiver, release] = [await startServer(t), await startReceiver(t), gate()];
  const v1 = new V1(server);
  await v1.declare('order.paid');
  const endpoint = await v1.endpoint(receiver.script('/hook', () => release.opened.then(() => OK)), ['order.paid']);
  return { server, receiver, release, v1, endpoint };
}

// Nobody is let in any more: refused, or told to come back later.
async function draining(server) {
  await until(async () => {
    try {
      return (await server.call('GET', '/readyz')).status === 503;
    } catch (error) {
      return ['ECONNREFUSED', 'ECONNRESET'].includes(error.code);
    }
  }, { what: 'the drain to begin' });
}

test('attempts under way are finished and recorded before the server ends with 0', async (t) => {
  const { server, receiver, release, v1, endpoint } = await heldScene(t);
  const events = [];
  for (let i = 0; i < 8; ++i) events.push(await v1.publish('order.paid', { i }));
  await receiver.waitFor('/hook', 8);
  server.signal('SIGTERM');
  await draining(server);
  assert.equal(server.life.exit, undefined, 'it waits for its attempts');
  release.open();
  assert.deepEqual(await server.exited(DRAIN_DEADLINE_MS), { code: 0, signal: null });

  await server.start();
  for (const event of events) {
    const delivery = await v1.settled(event.id, endpoint.id, 'succeeded');
    assert.equal(delivery.attempts.length, 1);
  }
  assert.equal(receiver.count('/hook'), 8, 'an outcome that was recorded is never asked for again');
});

test('an idle server ends at once, and so does one with idle kept-alive connections', async (t) => {
  const server = await startServer(t);
  const load = new Load({ connections: 8, draft: (n) => ({ target: '/users', body: { username: `u${n}` } }) });
  load.start(server.url);
  await until(() => load.acked.size > 20);
  await load.stop();
  const began = Date.now();
  assert.deepEqual(await server.stop(), { code: 0, signal: null });
  assert.ok(Date.now() - began < 3_000, `${Date.now() - began} ms`);
});

test('SIGTERM under load: every acknowledged event is stored and delivered after the restart', async (t) => {
  const [server, receiver] = [await startServer(t), await startReceiver(t)];
  const v1 = new V1(server);
  await v1.declare('load.tick');
  await v1.endpoint(receiver.url('/tick'), ['load.tick']);
  const draft = (n) => ({ target: '/v1/events', body: { event: 'load.tick', data: { n } } });
  const load = new Load({ connections: 32, draft });
  load.start(server.url);
  await until(() => load.acked.size > 500);
  const exit = await server.stop(DRAIN_DEADLINE_MS);
  await load.stop();
  assert.deepEqual(exit, { code: 0, signal: null });
  for (const status of load.refused.keys()) assert.equal(status, 503);
  await server.start();
  await assertNothingLost(t, [...load.acked.values()].map((answer) => answer.id), receiver, '/tick');
});

test('a second SIGTERM ends the server at once, and the restart resumes what is owed', async (t) => {
  const { server, receiver, release, v1, endpoint } = await heldScene(t);
  const event = await v1.publish('order.paid', {});
  await receiver.waitFor('/hook', 1);
  server.signal('SIGTERM');
  await draining(server);
  server.signal('SIGTERM');
  const { code } = await server.exited(AT_ONCE_MS);
  assert.equal(code, 130);
  release.open();
  await server.start();
  await v1.settled(event.id, endpoint.id, 'succeeded');
  const [first, second] = receiver.to('/hook');
  assert.equal(second.headers['webhook-id'], first.headers['webhook-id']);
  assert.deepEqual(second.body, first.body);
});

test('attempts that hang beyond the patience are given up, named in the log, and made again at the next start', async (t) => {
  const [server, receiver] = [await startServer(t, { settings: { 'server.drain_timeout_ms': 200 } }),
    await startReceiver(t)];
  const v1 = new V1(server);
  await v1.declare('order.paid');
  const endpoint = await v1.endpoint(receiver.script('/hook', hang, hang, OK), ['order.paid']);
  const events = [await v1.publish('order.paid', { n: 1 }), await v1.publish('order.paid', { n: 2 })];
  await receiver.waitFor('/hook', 2);
  assert.deepEqual(await server.stop(), { code: 0, signal: null });
  const [left, ...others] = server.logged(/given up/);
  assert.deepEqual([left.level, left.attempts, others.length], ['warn', 2, 0]);
  assert.match(left.message, /again at the next start/);
  assert.equal(server.logged('stopped')[0].complete, false);

  await server.start();
  for (const event of events) await v1.settled(event.id, endpoint.id, 'succeeded');
  const ids = receiver.to('/hook').map((record) => record.headers['webhook-id']);
  assert.deepEqual(ids.slice(2).sort(), ids.slice(0, 2).sort());
});

test('calls and attempts that hang share one patience', async (t) => {
  const patience = 2_000;
  const [server, receiver] = [await startServer(t, { settings: { 'server.drain_timeout_ms': patience } }),
    await startReceiver(t)];
  const v1 = new V1(server);
  await v1.declare('order.paid');
  await v1.endpoint(receiver.script('/hook', hang), ['order.paid']);
  await v1.publish('order.paid', {});
  await receiver.waitFor('/hook', 1);
  const caller = await RawConnection.open(server.url);
  caller.send('POST /users HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\ncontent-length: 9\r\n'
    + 'content-type: application/json\r\n\r\n');
  await until(() => caller.statuses().includes(100), { what: 'the head of the call to be read' });
  const began = performance.now();
  assert.deepEqual(await server.stop(), { code: 0, signal: null });
  const took = performance.now() - began;
  assert.ok(took >= patience - 5 && took < 2 * patience, `${took} ms`);
  assert.equal(server.logged(/cut off/)[0].connections, 1);
  assert.equal(server.logged(/given up/)[0].attempts, 1);
});

test('SIGINT drains like SIGTERM', async (t) => {
  const server = await startServer(t);
  server.signal('SIGINT');
  assert.deepEqual(await server.exited(DRAIN_DEADLINE_MS), { code: 0, signal: null });
});

test('a retry that was waiting when the server ended comes after the restart, no earlier than promised', async (t) => {
  const [server, receiver] = [await startServer(t), await startReceiver(t)];
  const v1 = new V1(server);
  await v1.declare('order.paid');
  const endpoint = await v1.endpoint(receiver.script('/hook', { status: 500 }, OK), ['order.paid'],
    { schedule_ms: [2_000] });
  const event = await v1.publish('order.paid', {});
  await until(async () => (await v1.deliveryOf(event.id, endpoint.id)).attempts.length === 1);
  assert.equal((await server.stop()).code, 0);
  await moment(100);
  assert.equal(receiver.count('/hook'), 1, 'a waiting retry is not brought forward by the drain');
  await server.start();
  await inTime(15_000, 'the retry', v1.settled(event.id, endpoint.id, 'succeeded'));
  const [first, second] = receiver.to('/hook').map((record) => record.at);
  assert.ok(second - first >= 0.8 * 2_000 - 5, `${second - first} ms`);
});
