// Many events in one request, and what an endpoint may ask for: so many at once, so many per second, one after another
// in order; and that a dead one is left alone and found again (promises D8, D10, D12).
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { gate, moment, until } from '../lib/time.mjs';
import { OK, hangUp, startReceiver, status } from '../lib/receiver.mjs';
import { startServer } from '../lib/server.mjs';
import { V1 } from '../lib/v1.mjs';

const EVENT = 'load.tick';
const BREAKER_FAILURES = 20;           // in a row open it
const PROBE_AFTER_MS = [4_000, 6_000]; // 5 s +-20 %

async function started(t) {
  const [server, receiver] = [await startServer(t), await startReceiver(t)];
  const v1 = new V1(server);
  await v1.declare(EVENT);
  return { server, receiver, v1 };
}

const items = (count, more = () => ({})) =>
  Array.from({ length: count }, (_, n) => ({ event: EVENT, data: { n }, ...more(n) }));
const numberOf = (record) => JSON.parse(record.body).data.n;
const upTo = (count) => Array.from({ length: count }, (_, n) => n);

// The ids of a batch whose items were all accepted.
async function publishAll(server, batch) {
  const answer = await server.call('POST', '/v1/events', batch);
  assert.equal(answer.status, 202, answer.text);
  assert.deepEqual([answer.json.accepted, answer.json.refused], [batch.length, 0], answer.text);
  return answer.json.data.map((result) => result.id);
}

test('each event of an array is answered in its place, stored and delivered', async (t) => {
  const { server, receiver, v1 } = await started(t);
  await v1.endpoint(receiver.url(), [EVENT]);
  const batch = items(1_000);
  batch[3] = { event: 'load.unknown', data: {} };
  batch[5] = { event: EVENT };
  batch[7] = 'load.tick';
  const answer = await server.call('POST', '/v1/events', batch);
  assert.equal(answer.status, 202, answer.text);
  const { data, accepted, refused } = answer.json;
  assert.deepEqual([data.length, accepted, refused], [1_000, 997, 3]);
  assert.deepEqual([data[3].status, data[3].code], [404, 'event_type_not_found']);
  assert.deepEqual([data[5].status, data[5].errors[0].pointer], [422, '/5/data']);
  assert.deepEqual([data[7].status, data[7].errors[0].pointer], [422, '/7']);
  const taken = data.filter((result) => result.status === 202);
  assert.equal(new Set(taken.map((result) => result.id)).size, 997);
  assert.ok(taken.every((result) => result.event === EVENT && result.deliveries === 1));
  const shown = (await server.call('GET', `/v1/events/${data[999].id}`)).json;
  assert.deepEqual(shown.data, { n: 999 });

  const sent = await receiver.waitFor('/hook', 997);
  const numbers = new Map(sent.map((record) => [JSON.parse(record.body).id, numberOf(record)]));
  data.forEach((result, n) => {
    if (result.status === 202) assert.equal(numbers.get(result.id), n);
  });
});

test('what is not an array of events is refused whole', async (t) => {
  const { server, v1 } = await started(t);
  const item = { event: EVENT, data: {} };
  const rows = [
    [[], 422], [Array(1_001).fill({ event: EVENT, data: 1 }), 422], ['[{"event":"load.tick","data":1},', 400],
    [[{ ...item, data: 'x'.repeat(256 * 1024) }], 413],
  ];
  for (const [body, code] of rows) assert.equal((await server.call('POST', '/v1/events', body)).status, code);
  const keyed = await server.call('POST', '/v1/events', [item], { 'idempotency-key': 'k' });
  assert.deepEqual([keyed.status, keyed.json.code], [422, 'idempotency_key_of_batch']);
  assert.match(keyed.json.hint, /idempotency_key/);
  assert.deepEqual(await v1.deliveries(), []);
});

test('every item has an Idempotency-Key of its own, also after a kill', async (t) => {
  const { server, receiver, v1 } = await started(t);
  await v1.endpoint(receiver.url(), [EVENT]);
  const batch = items(100, (n) => (n % 2 === 0 ? { idempotency_key: `key-${n}` } : {}));
  const ids = await publishAll(server, batch);
  await receiver.waitFor('/hook', 100);
  await server.kill();
  await server.start();

  const again = batch.filter((item) => item.idempotency_key);
  again.push({ event: EVENT, data: { n: 100 }, idempotency_key: 'key-100' });
  again.push({ event: EVENT, data: { n: 'other' }, idempotency_key: 'key-0' });
  const { data } = (await server.call('POST', '/v1/events', again)).json;
  for (let n = 0; n < 50; ++n) assert.deepEqual([data[n].id, data[n].replayed], [ids[2 * n], true]);
  assert.deepEqual([data[50].status, data[50].replayed], [202, undefined]);
  assert.deepEqual([data[51].status, data[51].code], [422, 'idempotency_key_reused']);
  const alone = await server.call('POST', '/v1/events', { event: EVENT, data: { n: 100 } },
    { 'idempotency-key': 'key-100' });
  assert.deepEqual([alone.json.id, alone.headers['idempotency-replayed']], [data[50].id, 'true']);

  const [event] = await v1.deliveries({ event: data[50].id });
  await v1.settled(data[50].id, event.endpoint_id, 'succeeded');
  const events = new Set(receiver.to('/hook').map((record) => record.headers['webhook-id']));
  assert.equal(events.size, 101, 'one event of each key');
});

test('a rate limit is kept, costs no attempt, and slows nobody else', { timeout: 60_000 }, async (t) => {
  const { server, receiver, v1 } = await started(t);
  const [RATE, EVENTS, SLACK] = [10, 40, 2];
  const limited = await v1.endpoint(receiver.url('/limited'), [EVENT], { rate_per_second: RATE });
  assert.equal(limited.rate_per_second, RATE);
  await v1.endpoint(receiver.url('/free'), [EVENT]);
  await publishAll(server, items(EVENTS));
  const free = await receiver.waitFor('/free', EVENTS);
  assert.ok(receiver.count('/limited') < EVENTS, 'the free one is done long before');
  const sent = await receiver.waitFor('/limited', EVENTS, 15_000);
  const times = sent.map((record) => record.at);
  t.diagnostic(`free: ${free.at(-1).at - free[0].at} ms, limited: ${times.at(-1) - times[0]} ms`);
  assert.ok(times.at(-1) - times[0] >= ((EVENTS - RATE - SLACK) / RATE) * 1_000, 'the limit is kept');
  times.forEach((begin, first) => {  // a bucket of one second's worth bounds every span
    times.slice(first).forEach((end, further) => {
      assert.ok(further + 1 <= RATE * (1 + (end - begin) / 1_000) + SLACK, `${further + 1} in ${end - begin} ms`);
    });
  });
  assert.ok(sent.every((record) => record.headers['webhook-attempt'] === '1'), 'waiting is not an attempt');
});

test('no more attempts are under way than an endpoint allows', async (t) => {
  const { server, receiver, v1 } = await started(t);
  const [LIMIT, EVENTS] = [3, 30];
  let [now, most] = [0, 0];
  const release = gate();
  const slow = async () => {
    most = Math.max(most, ++now);
    await release.opened;
    now -= 1;
    return OK;
  };
  await v1.endpoint(receiver.script('/slow', slow), [EVENT], { max_in_flight: LIMIT });
  await publishAll(server, items(EVENTS));
  await until(() => now === LIMIT, { what: `${LIMIT} attempts in flight` });
  await moment(300);
  assert.equal(receiver.count('/slow'), LIMIT, 'the others wait');
  release.open();
  await receiver.waitFor('/slow', EVENTS);
  assert.equal(most, LIMIT);
});

test('an ordered endpoint gets its events in order from a flaky receiver', { timeout: 60_000 }, async (t) => {
  const { server, receiver, v1 } = await started(t);
  const [EVENTS, LOST] = [40, 17];
  // Every third event fails twice, one fails for ever.
  const flaky = (_request, record) => {
    const n = numberOf(record);
    const attempt = Number(record.headers['webhook-attempt']);
    return n === LOST || (n % 3 === 0 && attempt < 3) ? status(500) : OK;
  };
  const endpoint = await v1.endpoint(receiver.script('/ordered', flaky), [EVENT],
    { ordered: true, schedule_ms: [20, 20, 20] });
  assert.equal(endpoint.ordered, true);
  const ids = await publishAll(server, items(EVENTS));
  await v1.settled(ids.at(-1), endpoint.id, 'succeeded', { within: 30_000 });

  const attempts = receiver.to('/ordered')
    .map((record) => [numberOf(record), Number(record.headers['webhook-attempt'])]);
  const expected = upTo(EVENTS).flatMap((n) => {
    const count = n === LOST ? 4 : n % 3 === 0 ? 3 : 1;
    return upTo(count).map((attempt) => [n, attempt + 1]);
  });
  assert.deepEqual(attempts, expected, 'each only after the one before was final');
  await v1.settled(ids[LOST], endpoint.id, 'exhausted');
});

test('the breaker leaves a dead receiver alone, says so, closes when it is back', { timeout: 60_000 }, async (t) => {
  const { server, receiver, v1 } = await started(t);
  const EVENTS = 60;
  let alive = false;
  const mortal = await startReceiver(t);  // shares no connection with the healthy one
  mortal.script('/hook', (request) => (alive ? OK : hangUp(request)));
  const { id, breaker } = await v1.endpoint(mortal.url(), [EVENT],
    { max_in_flight: 4, schedule_ms: Array(8).fill(100) });
  await v1.endpoint(receiver.url('/healthy'), [EVENT]);
  assert.equal(breaker, 'closed');
  const ids = await publishAll(server, items(EVENTS));
  await until(async () => (await v1.showEndpoint(id)).breaker === 'open', { what: 'the breaker to open' });
  const openedAt = Date.now();
  const { data } = (await server.call('GET', '/v1/endpoints')).json;
  assert.deepEqual(data.map((endpoint) => endpoint.breaker), ['open', 'closed']);
  assert.equal((await v1.patch(id, { description: 'dead' })).breaker, 'open');
  await receiver.waitFor('/healthy', EVENTS);

  await moment(1_000);  // ten times the schedule's wait
  const tried = mortal.count('/hook');
  assert.ok(tried >= BREAKER_FAILURES && tried < BREAKER_FAILURES + 4, `${tried} attempts, then none`);
  alive = true;
  const sent = await mortal.waitFor('/hook', tried + 1, PROBE_AFTER_MS[1] + 2_000);
  const waited = sent[tried].at - openedAt;
  t.diagnostic(`${tried} attempts before it opened, a probe after ${waited} ms`);
  assert.ok(waited > PROBE_AFTER_MS[0] - 500 && waited < PROBE_AFTER_MS[1] + 1_000, `a probe after ${waited} ms`);
  await until(async () => (await v1.showEndpoint(id)).breaker === 'closed', { what: 'the breaker to close' });
  for (const eventId of ids) await v1.settled(eventId, id, 'succeeded');
  const all = mortal.count('/hook');
  assert.ok(all <= tried + EVENTS, `waiting used up no attempts: ${all} in all`);
});
