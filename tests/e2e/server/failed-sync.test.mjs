// A disk that fails to sync, or to lock: a full one is waited for, any other ends the server, which a start mends. Nothing that was
// acknowledged is lost, and a stop never waits for a store that fails.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';

import { inject } from '../lib/kernel.mjs';
import { assertNothingLost } from '../lib/ledger.mjs';
import { OK, startReceiver } from '../lib/receiver.mjs';
import { startServer } from '../lib/server.mjs';
import { gate, until } from '../lib/time.mjs';
import { V1 } from '../lib/v1.mjs';

const AT_ONCE_MS = 5_000;  // far below server.drain_timeout_ms

// From now on every call `what` of the server fails with `error`, or the n-th one alone, until it ends.
const failing = (t, server, what, error, when = '1+') => inject(t, server, what, `error=${error}:when=${when}`);

async function scene(t) {
  const [server, receiver] = [await startServer(t), await startReceiver(t)];
  const v1 = new V1(server);
  await v1.declare('load.tick');
  await v1.endpoint(receiver.url('/tick'), ['load.tick']);
  const acked = [];
  const publish = async () => {
    const answer = await server.call('POST', '/v1/events', { event: 'load.tick', data: {} });
    if (answer.status === 202) acked.push(answer.json.id);
    return answer;
  };
  for (let n = 0; n < 5; ++n) assert.equal((await publish()).status, 202);
  const refused = () => until(async () => {
    const answer = await publish();
    return answer.status !== 202 && answer;
  }, { what: 'a refusal' });
  return { server, receiver, v1, acked, publish, refused };
}

for (const error of ['ENOSPC', 'EDQUOT']) {
  test(`${error} of a sync is a full disk, and passes by itself`, async (t) => {
    const { server, receiver, acked, publish, refused } = await scene(t);
    const fault = await failing(t, server, 'fdatasync', error);
    const answer = await refused();
    assert.equal(answer.status, 507, answer.text);
    assert.match(answer.json.detail, /same Idempotency-Key/);
    await fault.end();
    await until(async () => (await publish()).status === 202, { what: 'events to be accepted again' });
    await assertNothingLost(t, acked, receiver, '/tick');
    await server.kill();
    await server.start();
    assert.equal((await server.call('GET', '/readyz')).status, 200);
  });
}

test('EIO of a sync ends the server with 1 and a sentence, and the next start has everything', async (t) => {
  const { server, receiver, acked, publish, refused } = await scene(t);
  const fault = await failing(t, server, 'fdatasync', 'EIO');
  const answer = await refused();
  assert.equal(answer.status, 503, answer.text);
  assert.match(answer.json.detail, /not known whether this was stored.*same Idempotency-Key/);
  assert.deepEqual(await server.exited(AT_ONCE_MS), { code: 1, signal: null });
  assert.equal(server.logged(/^the disk did not confirm what was written/).length, 1);
  await fault.end();
  await server.start();
  assert.equal((await publish()).status, 202);
  await assertNothingLost(t, acked, receiver, '/tick');
});

test('a write that fails is told with what to do, whichever it is, and when it works again', async (t) => {
  const { server, acked, receiver, publish } = await scene(t);
  const alarms = () => server.logged(/./).filter((line) => ['warn', 'error'].includes(line.level));
  const marks = () => alarms().filter((line) => line.message.startsWith('cannot note how far')).length;
  for (let n = 1; n <= 6; ++n) {  // of what a few publishes write: the log, and the mark beside it
    const before = alarms().length;
    const fault = await failing(t, server, 'pwrite64', 'EIO', n);
    await until(async () => { await publish(); return fault.met(); }, { what: `write ${n} to fail` });
    await until(() => alarms().length > before, { what: `a line for write ${n}` });
    for (const line of alarms().slice(before)) assert.match(`${line.error} ${line.hint}`, /disk/, JSON.stringify(line));
    await fault.end();
    await until(async () => (await publish()).status === 202, { what: 'events to be accepted again' });
  }
  assert.ok(marks() >= 1, 'some met the mark');
  await until(() => server.logged(/^how far the database's log is on disk is noted again/).length === marks());
  await assertNothingLost(t, acked, receiver, '/tick');
});

test('a file lock that fails once is taken or given back the next time', async (t) => {
  const { server, publish } = await scene(t);
  for (const when of [1, 2, 3, 4, 5, 6]) {  // of what a publish locks and unlocks
    const fault = await failing(t, server, 'fcntl', 'ENOLCK', when);
    await until(async () => { await publish(); return fault.met(); }, { what: 'the lock to fail' });
    assert.equal((await publish()).status, 202, `lock ${when}`);
    await fault.end();
  }
});

test('a stop does not wait for a store that fails, and says what is made again', async (t) => {
  const { server, receiver, v1, acked, publish, refused } = await scene(t);
  await assertNothingLost(t, acked, receiver, '/tick');
  const release = gate();
  await v1.endpoint(receiver.script('/held', () => release.opened.then(() => OK)), ['load.tick']);
  assert.equal((await publish()).status, 202);
  await receiver.waitFor('/held', 1);
  const fault = await failing(t, server, 'pwrite64', 'ENOSPC');
  assert.equal((await refused()).status, 507);
  release.open();
  server.signal('SIGTERM');
  assert.deepEqual(await server.exited(AT_ONCE_MS), { code: 0, signal: null });
  assert.equal(server.logged('stopped')[0].complete, false);
  assert.ok(server.logged(/made again at the next start/).length >= 1, server.logTail());
  await fault.end();
  await server.start();
  await until(async () => (await v1.deliveries({ status: 'pending' })).length === 0, { what: 'nothing left owed' });
});
