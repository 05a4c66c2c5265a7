// Backups of a running server, and copies that were made otherwise: what a server goes on from, and what it refuses.
import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdirSync, renameSync, rmSync, truncateSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { startReceiver, status } from './lib/receiver.mjs';
import { Server, newDirectory, runCommand, startServer } from './lib/server.mjs';
import { until } from './lib/time.mjs';
import { V1 } from './lib/v1.mjs';

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

test('a backup of a running server is data that another one goes on from, and says so', async (t) => {
  const [server, receiver] = [await startServer(t), await startReceiver(t)];
  const v1 = new V1(server);
  await v1.declare('order.paid');
  await v1.endpoint(receiver.url('/good'), ['order.paid']);
  const failing = receiver.script('/failing', status(500));
  await v1.endpoint(failing, ['order.paid'], { schedule_ms: [600_000] }).catch(() => v1.endpoint(failing, ['order.paid']));
  const before = await v1.publish('order.paid', { n: 1 });
  await receiver.waitFor('/failing', 1);
  await until(async () => (await v1.deliveries({ status: 'succeeded' })).length === 1, { what: 'one success' });

  const copy = path.join(newDirectory(t), 'copy');
  const done = await runCommand(['backup', copy, '--data', server.data, '--json']);
  assert.equal(done.code, 0, done.stderr);
  const report = JSON.parse(done.stdout);
  assert.deepEqual([report.directory, report.events, report.endpoints, report.pending_deliveries], [copy, 1, 2, 1]);
  await v1.publish('order.paid', { n: 2 });
  assert.equal((await server.stop()).code, 0);

  const restored = await startOn(t, copy);
  const [said] = restored.logged(/^this data is a backup/);
  assert.deepEqual([said.level, said.pending, said.taken_at], ['warn', 1, report.taken_at]);
  const deliveries = await new V1(restored).deliveries();
  assert.deepEqual([...new Set(deliveries.map((delivery) => delivery.event_id ?? delivery.event?.id))], [before.id]);
  await restored.stop();
  await restored.start();
  assert.equal(restored.logged(/^this data is a backup/).length, 0, 'said once');
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
