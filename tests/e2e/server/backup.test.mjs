// Backups of a running server, and copies that were made otherwise: what a server goes on from, and what it refuses.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, renameSync, rmSync, truncateSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { startReceiver, status } from '../lib/receiver.mjs';
import { BINARY, Server, newDirectory, runCommand, startServer } from '../lib/server.mjs';
import { until } from '../lib/time.mjs';
import { V1 } from '../lib/v1.mjs';

const DO_NOT_RESTART = 78;

async function refusedStart(t, data) {
  const server = new Server({ data });
  t.after(() => server.dispose(t));
  server.launch();
  const { code } = await server.exited();
  return { code, why: server.life.lines.map((line) => line.json?.message ?? line.text).join('\n') };
}

async function startOn(t, data) {
  return startServer(t, { data });
}

// What was delivered, what waits for its next attempt, what waits for a paused endpoint; then a backup, while more
// events come in and are delivered.
async function backedUp(t) {
  const [server, receiver] = [await startServer(t), await startReceiver(t)];
  const v1 = new V1(server);
  await v1.declare('order.paid');
  const good = await v1.endpoint(receiver.url('/good'), ['order.paid']);
  const failing = await v1.endpoint(receiver.script('/failing', status(500), status(200)), ['order.paid'],
    { schedule_ms: [600_000] });
  const waiting = await v1.endpoint(receiver.url('/waiting'), ['order.paid'], { paused: true });
  const before = await v1.publish('order.paid', { n: 1 });
  await receiver.waitFor('/failing', 1);
  await until(async () => (await v1.deliveries({ status: 'succeeded' })).length === 1, { what: 'one success' });
  await until(async () => (await v1.deliveries({ cause: 'http' })).length === 1, { what: 'one failure' });

  const { copy, report } = await backUpDuring(t, server, () => v1.publish('user_registered', {}));
  assert.deepEqual([report.directory, report.endpoints, report.pending_deliveries], [copy, 3, 2]);
  await v1.publish('order.paid', { n: 2 });
  await receiver.waitFor('/good', 2);
  assert.equal((await server.stop()).code, 0);
  const counts = () => ['/good', '/failing', '/waiting'].map((path) => receiver.count(path));
  return { copy, report, before, endpoints: { good, failing, waiting }, counts, seen: counts() };
}

async function assertUndecided(t, copy, report) {
  for (let round = 0; round < 2; ++round) {
    const { code, why } = await refusedStart(t, copy);
    assert.equal(code, DO_NOT_RESTART, why);
    assert.match(why, /is a backup taken at [^]*2 deliveries were pending[^]*--pending send[^]*--pending cancel/);
    assert.ok(why.includes(report.taken_at), why);
  }
  const plain = await runCommand(['accept-data', '--data', copy]);
  assert.equal(plain.code, DO_NOT_RESTART, plain.stderr);
  const neither = await runCommand(['accept-data', '--data', copy, '--pending', 'perhaps']);
  assert.equal(neither.code, 2, neither.stderr);
}

// A backup of a server that is called all the time meanwhile.
async function backUpDuring(t, server, call) {
  let loading = true;
  const load = (async () => { while (loading) await call(); })();
  const copy = path.join(newDirectory(t), 'copy');
  const done = await runCommand(['backup', copy, '--data', server.data, '--json']);
  loading = false;
  await load;
  assert.equal(done.code, 0, done.stderr);
  return { copy, report: JSON.parse(done.stdout) };
}

test('a backup is not served until somebody says that what was pending is sent', async (t) => {
  const { copy, report, before, endpoints, counts, seen } = await backedUp(t);
  await assertUndecided(t, copy, report);
  const said = await runCommand(['accept-data', '--data', copy, '--pending', 'send']);
  assert.equal(said.code, 0, said.stderr);
  assert.match(said.stdout, /2 deliveries that were pending: to be sent/);
  const restored = await startOn(t, copy);
  const v1 = new V1(restored);
  await v1.patch(endpoints.waiting.id, { paused: false });
  await v1.settled(before.id, endpoints.waiting.id, 'succeeded');
  assert.equal((await v1.deliveryOf(before.id, endpoints.failing.id)).status, 'pending');
  assert.deepEqual(counts(), [seen[0], seen[1], seen[2] + 1], 'what was delivered or is not due yet is not sent');
});

test('what a backup had pending can be cancelled: nothing of it is sent, and new events flow', async (t) => {
  const { copy, report, before, endpoints, counts, seen } = await backedUp(t);
  await assertUndecided(t, copy, report);
  const said = await runCommand(['accept-data', '--data', copy, '--pending', 'cancel']);
  assert.equal(said.code, 0, said.stderr);
  assert.match(said.stdout, /2 deliveries that were pending: cancelled/);
  const again = await runCommand(['accept-data', '--data', copy, '--pending', 'send']);
  assert.equal(again.code, 6, again.stderr);
  const restored = await startOn(t, copy);
  const v1 = new V1(restored);
  await v1.patch(endpoints.waiting.id, { paused: false });
  for (const { id } of [endpoints.failing, endpoints.waiting]) {
    const delivery = await v1.deliveryOf(before.id, id);
    assert.deepEqual([delivery.status, delivery.cause], ['cancelled', 'backup']);
    assert.match(delivery.hint, /pending in the backup/);
  }
  assert.equal((await v1.deliveryOf(before.id, endpoints.good.id)).status, 'succeeded');
  const event = await v1.publish('order.paid', { n: 3 });
  for (const { id } of Object.values(endpoints)) await v1.settled(event.id, id, 'succeeded');
  assert.deepEqual(counts(), seen.map((count) => count + 1), 'the new event alone');
  const byHand = await v1.deliveryOf(before.id, endpoints.waiting.id);
  assert.equal((await restored.call('POST', `/v1/deliveries/${byHand.id}/retry`)).status, 202);
  await v1.settled(before.id, endpoints.waiting.id, 'succeeded');
});

test('cancelling what a backup had pending happens whole or not at all, whenever the command is killed', async (t) => {
  const [server, receiver] = [await startServer(t), await startReceiver(t)];
  const v1 = new V1(server);
  await v1.declare('order.paid');
  await v1.endpoint(receiver.url(), ['order.paid'], { paused: true });
  const events = Array.from({ length: 1000 }, (_, n) => ({ event: 'order.paid', data: { n } }));
  for (let round = 0; round < 3; ++round) {
    assert.equal((await server.call('POST', '/v1/events', events)).json.accepted, events.length);
  }
  const backup = path.join(newDirectory(t), 'backup');
  assert.equal((await runCommand(['backup', backup, '--data', server.data])).code, 0);
  for (let delay = 0, done = false; !done; delay += 10) {
    const copy = path.join(newDirectory(t), 'copy');
    cpSync(backup, copy, { recursive: true });
    const child = spawn(BINARY, ['accept-data', '--data', copy, '--pending', 'cancel'], { stdio: 'ignore' });
    const ended = once(child, 'exit');
    const killing = setTimeout(() => child.kill('SIGKILL'), delay);
    done = (await ended)[0] === 0;
    clearTimeout(killing);
    const again = await runCommand(['accept-data', '--data', copy, '--pending', 'cancel']);
    assert.ok(again.code === 6 || /3000 deliveries that were pending: cancelled/.test(again.stdout), again.stderr);
  }
});

test('a backup with nothing pending is data that another server goes on from, and says so once', async (t) => {
  const server = await startServer(t);
  await server.call('POST', '/users', { username: 'alice' });
  const copy = path.join(newDirectory(t), 'copy');
  const done = await runCommand(['backup', copy, '--data', server.data, '--json']);
  assert.equal(done.code, 0, done.stderr);
  const restored = await startOn(t, copy);
  const [said] = restored.logged(/^this data is a backup/);
  assert.deepEqual([said.level, said.pending, said.taken_at], ['warn', 0, JSON.parse(done.stdout).taken_at]);
  assert.equal((await restored.call('GET', '/users')).json.length, 1);
  await restored.stop();
  await restored.start();
  assert.equal(restored.logged(/^this data is a backup/).length, 0, 'said once');
});

// More than the log holds before it is copied and begins anew: the copy meets both.
test('a backup of several megabytes, taken while publishing goes on, is whole and as of one moment', async (t) => {
  const [server, receiver] = [await startServer(t), await startReceiver(t)];
  const v1 = new V1(server);
  await v1.declare('order.paid');
  await v1.endpoint(receiver.url('/good'), ['order.paid']);
  const fill = 'x'.repeat(2000);
  const batch = (first) => Array.from({ length: 100 }, (_, n) => ({ event: 'order.paid', data: { n: first + n, fill } }));
  let published = 0;
  const publish = async () => {
    const answer = await server.call('POST', '/v1/events', batch(published));
    assert.equal(answer.status, 202, answer.text);
    published += 100;
  };
  while (published < 4000) await publish();
  const before = published;
  const { copy, report } = await backUpDuring(t, server, publish);
  assert.ok(report.bytes > 8e6, `${report.bytes} bytes`);
  assert.ok(report.events >= before && report.events <= published && report.events % 100 === 0, JSON.stringify(report));
  if (report.pending_deliveries) {
    assert.equal((await runCommand(['accept-data', '--data', copy, '--pending', 'cancel'])).code, 0);
  }
  const restored = new V1(await startOn(t, copy));
  assert.equal((await restored.deliveries({ status: 'pending' })).length, 0);
  assert.equal((await restored.deliveries({ limit: 200 })).length, report.events);
  assert.equal((await restored.publish('user_registered', {})).event, 'user_registered');
});

test('a backup overwrites nothing, and without data there is none', async (t) => {
  const server = await startServer(t);
  const copy = path.join(newDirectory(t), 'copy');
  assert.equal((await runCommand(['backup', copy, '--data', server.data])).code, 0);
  const again = await runCommand(['backup', copy, '--data', server.data]);
  assert.equal(again.code, 6, again.stderr);
  assert.match(again.stderr, /overwrites nothing/);
  const none = await runCommand(['backup', path.join(copy, 'x'), '--data', path.join(copy, 'none')]);
  assert.equal(none.code, 5, none.stderr);
  assert.equal((await server.call('GET', '/readyz')).status, 200);
});

test('a copy of the data file without its log is refused, and can be accepted on purpose', async (t) => {
  const server = await startServer(t);
  await server.call('POST', '/users', { username: 'alice' });
  const copy = path.join(newDirectory(t), 'copy');
  mkdirSync(copy);
  cpSync(path.join(server.data, 'exposee.db'), path.join(copy, 'exposee.db'));
  for (let round = 0; round < 2; ++round) {
    const { code, why } = await refusedStart(t, copy);
    assert.equal(code, DO_NOT_RESTART, why);
    assert.match(why, /exposee\.db-wal is missing[^]*exposee backup[^]*exposee accept-data/);
  }
  const accepted = await runCommand(['accept-data', '--data', copy]);
  assert.equal(accepted.code, 0, accepted.stderr);
  const restored = await startOn(t, copy);
  assert.equal((await restored.call('GET', '/readyz')).status, 200);
});

test('a log without its data file is refused and kept; a kill or an orderly end leaves data that starts', async (t) => {
  const server = await startServer(t);
  await server.call('POST', '/users', { username: 'alice' });
  await server.kill();
  for (const harm of [(file) => rmSync(file), (file) => truncateSync(file)]) {
    const copy = path.join(newDirectory(t), 'copy');
    cpSync(server.data, copy, { recursive: true });
    harm(path.join(copy, 'exposee.db'));
    const { code, why } = await refusedStart(t, copy);
    assert.equal(code, DO_NOT_RESTART, why);
    assert.match(why, /exposee\.db is missing or empty/);
    assert.ok(existsSync(path.join(copy, 'exposee.db-wal')));
  }
  for (const end of ['kill', 'stop', 'kill']) {
    await server.start();
    assert.equal((await server.call('GET', '/users')).json.length, 1);
    await server[end]();
  }
});

test('data files that are moved away under the server end it with a sentence', async (t) => {
  const server = await startServer(t);
  renameSync(path.join(server.data, 'exposee.db'), path.join(server.data, 'moved'));
  assert.equal((await server.exited()).code, 1);
  assert.equal(server.logged(/^the data files were removed or replaced/).length, 1);
});
