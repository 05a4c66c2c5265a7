// An endpoint that is back, held or asked for by hand (promises D5, D6, D11).
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { OK, startReceiver, status } from '../lib/receiver.mjs';
import { startServer } from '../lib/server.mjs';
import { moment, until } from '../lib/time.mjs';
import { V1 } from '../lib/v1.mjs';

// A server, a receiver and an endpoint for `order.paid` at the receiver's /hook, which answers `answers`.
async function scene(t, { endpoint = {}, answers = [OK] } = {}) {
  const [server, receiver] = [await startServer(t), await startReceiver(t)];
  const v1 = new V1(server);
  await v1.declare('order.paid');
  const target = await v1.endpoint(receiver.script('/hook', ...answers), ['order.paid'], endpoint);
  const publish = async (data = {}) => (await v1.publish('order.paid', data)).id;
  const delivery = async (event) => (await server.call('GET', `/v1/deliveries?event=${event}`)).json.data[0];
  return { server, receiver, v1, target, publish, delivery };
}

const failures = (count) => Array.from({ length: count }, () => status(500));

test('a receiver that starts late sees its events once a test of the endpoint succeeds', async (t) => {
  const { server, receiver, v1, target, publish } = await scene(t,
    { answers: [...failures(6), OK], endpoint: { schedule_ms: [6_000, 300_000] } });
  const events = [await publish(), await publish(), await publish()];
  await receiver.waitFor('/hook', 6, 20_000);  // each failed twice; the next attempt is minutes away
  assert.equal((await server.call('POST', `/v1/endpoints/${target.id}/test`)).json.succeeded, true);
  for (const event of events) await v1.settled(event, target.id, 'succeeded');
});

test('retries by hand use up nothing of the schedule and move no date', async (t) => {
  const { receiver, v1, target, publish, delivery } = await scene(t,
    { answers: failures(9), endpoint: { schedule_ms: [60_000] } });
  const event = await publish();
  await until(async () => (await delivery(event)).attempts_made === 1, { what: 'the first attempt' });
  const { id, next_attempt_at } = await delivery(event);
  for (let made = 2; made <= 4; ++made) {
    assert.equal((await v1.retry(id)).status, 202);
    await until(async () => (await delivery(event)).attempts_made === made, { what: `attempt ${made}` });
  }
  const after = await delivery(event);
  assert.equal(after.status, 'pending');
  assert.equal(after.next_attempt_at, next_attempt_at);
  assert.equal(after.retries_by_hand, 3);
  assert.equal(receiver.count('/hook'), 4);
});

test('Retry-After of a 429 holds the endpoint, says so, survives a restart and gives way to a hand', async (t) => {
  const { server, receiver, v1, target, publish, delivery } = await scene(t,
    { answers: [status(429, { 'retry-after': '120' }), OK] });
  const first = await publish();
  await until(async () => (await v1.showEndpoint(target.id)).status === 'held', { what: 'the hold' });
  const { held_until } = await v1.showEndpoint(target.id);
  const second = await publish();
  for (const event of [first, second]) {
    const { hint, next_attempt_at } = await delivery(event);
    assert.match(hint, /^Waits: the receiver asked for no requests before /);
    assert.equal(next_attempt_at, held_until);
  }
  await server.stop();
  await server.start();
  assert.equal((await v1.showEndpoint(target.id)).held_until, held_until);
  await moment(300);
  assert.equal(receiver.count('/hook'), 1);
  await v1.retry((await delivery(second)).id);
  await v1.settled(second, target.id, 'succeeded');
  assert.equal((await v1.showEndpoint(target.id)).status, 'held');
  assert.equal((await v1.patch(target.id, { paused: false })).held_until, null);
  const third = await publish();
  await v1.settled(third, target.id, 'succeeded');
});

test('behind an open breaker what waits says so, and a retry by hand is the probe', async (t) => {
  const { v1, target, publish, delivery } = await scene(t, { answers: [...failures(20), OK] });
  let event;
  for (let i = 0; i < 20; ++i) event = await publish();
  await until(async () => (await v1.showEndpoint(target.id)).breaker === 'open', { what: 'the breaker to open' });
  const waiting = await publish();
  const { hint, next_attempt_at, id } = await delivery(waiting);
  assert.match(hint, new RegExp(`^Waits: the circuit breaker of endpoint ${target.id} is open`));
  assert.ok(Date.parse(next_attempt_at) > Date.now() - 1_000);
  const asked = Date.now();
  assert.equal((await v1.retry(id)).status, 202);
  await v1.settled(waiting, target.id, 'succeeded');
  assert.ok(Date.now() - asked < 3_000, 'not with the next probe of its own');
  await v1.settled(event, target.id, 'succeeded');
});

test('a retry that cannot begin is refused with the reason', async (t) => {
  const { server, v1, target, publish, delivery } = await scene(t, { answers: failures(9) });
  const event = await publish();
  await until(async () => (await delivery(event)).attempts_made === 1, { what: 'the first attempt' });
  const { id } = await delivery(event);
  const code = async () => (await v1.retry(id)).json.code;
  await v1.patch(target.id, { paused: true });
  assert.equal(await code(), 'endpoint_paused');
  const { hint, next_attempt_at } = await delivery(event);
  assert.match(hint, /^Waits: endpoint ep_\w+ is paused\./);
  assert.equal(next_attempt_at, null);
  await v1.patch(target.id, { paused: false, disabled: true });
  assert.equal(await code(), 'endpoint_disabled');
  await server.call('DELETE', `/v1/endpoints/${target.id}`);
  assert.equal(await code(), 'endpoint_removed');
});
