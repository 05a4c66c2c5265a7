// kill -9 at random moments, under load and during recovery, over and over on one growing data directory: whatever was
// acknowledged arrives, and what arrives twice is the same (promises D1 to D3, I15).
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { assertNothingLost } from '../lib/ledger.mjs';
import { Load } from '../lib/load.mjs';
import { seededRandom } from '../lib/random.mjs';
import { OK, startReceiver, status } from '../lib/receiver.mjs';
import { startServer } from '../lib/server.mjs';
import { moment, until } from '../lib/time.mjs';
import { V1 } from '../lib/v1.mjs';

const KILLS_UNDER_LOAD = Number(process.env.EXPOSEE_KILLS ?? 100);
const CONNECTIONS = 32;
const ROUNDS_OF_REPEATING = 15;
const LONGEST_LIFE_MS = 350;      // from the first acknowledgement to the kill
const LONGEST_RECOVERY_MS = 60;   // from the launch to a kill before it is ready

test('nothing acknowledged is lost over many kills', { timeout: 230_000 }, async (t) => {
  const random = seededRandom(t);
  const [server, receiver] = [await startServer(t), await startReceiver(t)];
  await new V1(server).declare('load.tick');
  await new V1(server).endpoint(receiver.url('/tick'), ['load.tick']);
  await new V1(server).endpoint(receiver.script('/flaky', failsFirst), ['load.tick'],
    { schedule_ms: Array(9).fill(50) });
  await server.call('POST', '/webhook', { event: 'user_registered', url: receiver.url('/user') });

  const acked = { events: [], users: [] };
  let broken = 0;
  let killsInRecovery = 0;
  for (let round = 0; round < KILLS_UNDER_LOAD; ++round) {
    broken += await loadUntilKilled(server, random, round, acked);
    while (random.below(5) === 0) {
      server.launch();
      await moment(random.below(LONGEST_RECOVERY_MS));
      await server.kill();
      killsInRecovery += 1;
    }
    await server.start();
  }

  t.diagnostic(`${KILLS_UNDER_LOAD} kills under load, ${killsInRecovery} during recovery, ${broken} posts unanswered`);
  const events = await assertNothingLost(t, acked.events, receiver, '/tick');
  assert.ok(events.acked > KILLS_UNDER_LOAD, 'the load was a load');
  await assertNothingLost(t, acked.events, receiver, '/flaky');
  await assertUsersSurvived(server, receiver, acked.users);
  await assertAllFinal(new V1(server));
  assertRetriedUntilAccepted(acked.events, receiver.to('/flaky'));
});

// Refuses every eighth event until its second attempt, so that kills also hit retries that wait.
const isRefusedFirst = (eventId) => '048cgmrw'.includes(eventId.at(-1)) && '02468acegjmprtwy'.includes(eventId.at(-2));
const failsFirst = (_request, { headers }) =>
  (headers['webhook-attempt'] === '1' && isRefusedFirst(headers['webhook-id']) ? status(500) : OK);

function assertRetriedUntilAccepted(acked, records) {
  const accepted = new Set(records.filter(({ headers }) => headers['webhook-attempt'] !== '1')
    .map(({ headers }) => headers['webhook-id']));
  const refused = acked.map((id) => id.replace('evt_', 'msg_')).filter(isRefusedFirst);
  assert.ok(refused.length > 0);
  assert.deepEqual(refused.filter((id) => !accepted.has(id)), [], 'each came a second time');
}

// One life under load: kills it a random while after its first acknowledgement.
async function loadUntilKilled(server, random, round, acked) {
  let firstAck;
  const acknowledged = new Promise((resolve) => { firstAck = resolve; });
  const load = new Load({
    connections: CONNECTIONS,
    draft: (n) => (n % 10 === 0 ? userDraft(`u${random.seed}r${round}n${n}`) : eventDraft(round, n)),
    onAck: (n, answer) => {
      (n % 10 === 0 ? acked.users.push(answer) : acked.events.push(answer.id));
      firstAck();
    },
  });
  load.start(server.url);
  await acknowledged;
  await moment(random.below(LONGEST_LIFE_MS));
  await server.kill();
  await load.stop();
  for (const status of load.refused.keys()) assert.ok(status === 503 || status === 507, `unexpected answer ${status}`);
  return load.unanswered.length;
}

const eventDraft = (round, n) => ({ target: '/v1/events',
  body: { event: 'load.tick', data: { round, n, text: 'ü'.repeat(n % 50) } } });
const userDraft = (username) => ({ target: '/users', body: { username } });

async function assertUsersSurvived(server, receiver, acked) {
  const stored = new Map((await server.call('GET', '/users')).json.map((user) => [user.username, user]));
  for (const user of acked) assert.deepEqual(stored.get(user.username), user, `user ${user.username}`);
  const told = () => new Map(receiver.to('/user').map((record) => {
    const { data } = JSON.parse(record.body);
    return [data.username, data];
  }));
  await until(() => receiver.count('/user') >= stored.size && told().size === stored.size,
    { within: 30_000, what: 'the event of every stored user' });
  const events = told();
  for (const [username, user] of stored) assert.deepEqual(events.get(username), user);
}

async function assertAllFinal(v1) {
  await until(async () => (await v1.deliveries({ status: 'pending' })).length === 0,
    { within: 30_000, what: 'no pending delivery' });
  assert.deepEqual(await v1.deliveries({ status: 'exhausted' }), []);
}

test('a post repeated after a kill under its Idempotency-Key makes one event', { timeout: 120_000 }, async (t) => {
  const random = seededRandom(t);
  const [server, receiver] = [await startServer(t), await startReceiver(t)];
  await new V1(server).endpoint(receiver.url('/tick'), ['user_registered']);
  const ids = new Map();  // key -> the event's id
  let repeated = 0;
  for (let round = 0; round < ROUNDS_OF_REPEATING; ++round) {
    const draft = (n) => ({ target: '/v1/events', body: { event: 'user_registered', data: { key: `${round}.${n}` } },
      headers: { 'idempotency-key': `${round}.${n}` } });
    const load = new Load({ connections: CONNECTIONS, draft, onAck: (n, { id }) => ids.set(`${round}.${n}`, id) });
    load.start(server.url);
    await until(() => load.acked.size > 100);
    await moment(random.below(100));
    await server.kill();
    await load.stop();
    await server.start();
    for (const n of [...load.unanswered, ...[...load.acked.keys()].slice(-CONNECTIONS)]) {
      const { target, body, headers } = draft(n);
      const answer = await server.call('POST', target, body, headers);
      assert.equal(answer.status, 202, answer.text);
      assert.equal(ids.get(`${round}.${n}`) ?? answer.json.id, answer.json.id, 'the stored answer');
      ids.set(`${round}.${n}`, answer.json.id);
      repeated += 1;
    }
  }
  await assertNothingLost(t, [...ids.values()], receiver, '/tick');
  const bodies = receiver.to('/tick').map((record) => JSON.parse(record.body));
  const events = new Map(bodies.map(({ id, data }) => [id, data.key]));
  t.diagnostic(`${repeated} posts repeated, ${ids.size} keys, ${events.size} events`);
  assert.equal(events.size, new Set(events.values()).size, 'one event of each key');
  assert.deepEqual(new Set(events.values()), new Set(ids.keys()));
});
