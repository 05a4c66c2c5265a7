// A store that cannot write refuses new events with 507 or 503, loses nothing that was acknowledged, and recovers by
// itself once there is room (promise D2, section 5).
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, rmSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';

import { assertNothingLost } from '../lib/ledger.mjs';
import { startReceiver } from '../lib/receiver.mjs';
import { newDirectory, startServer } from '../lib/server.mjs';
import { until } from '../lib/time.mjs';
import { V1 } from '../lib/v1.mjs';

const DISK_MIB = 24;
const LIMIT_KIB = 2048;       // of every file the server writes
const MOST_EVENTS = 20_000;   // of 8 KiB: far more than either limit can hold
const FILLER = Buffer.alloc(4096, 1);

// A disk of its own that a file beside the data fills. Nothing when this user may not mount one.
function smallDisk(t) {
  const data = mkdtempSync(path.join(tmpdir(), 'exposee-e2e-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_MIB}m`, 'tmpfs', data], { stdio: 'pipe' });
  } catch {
    rmdirSync(data);
    return undefined;
  }
  t.after(() => {
    execFileSync('umount', ['--lazy', data]);
    rmdirSync(data);
  });
  const ballast = path.join(data, 'ballast');
  return {
    options: { data },
    fill: () => assert.throws(() => { for (;;) appendFileSync(ballast, FILLER); }, { code: 'ENOSPC' }),
    free: () => rmSync(ballast),
  };
}

// Files that must not grow beyond a limit: every write past it fails. The server ignores that limit's signal.
function limitedFiles(t) {
  const data = newDirectory(t);
  const limit = (server, bytes) => execFileSync('prlimit', ['--pid', String(server.child.pid), `--fsize=${bytes}:`]);
  return {
    options: { data },
    fill: (server) => limit(server, LIMIT_KIB * 1024),
    free: (server) => limit(server, 'unlimited'),
  };
}

async function refusesAndRecovers(t, disk) {
  const server = await startServer(t, disk.options);
  const receiver = await startReceiver(t);
  const v1 = new V1(server);
  await v1.declare('load.tick');
  await v1.endpoint(receiver.url('/tick'), ['load.tick']);
  const acked = [];
  const publish = async (n) => {
    const answer = await server.call('POST', '/v1/events',
      { event: 'load.tick', data: { n, filler: 'x'.repeat(8_000) } });
    if (answer.status === 202) acked.push(answer.json.id);
    return answer;
  };

  for (let n = 0; n < 50; ++n) assert.equal((await publish(n)).status, 202);
  disk.fill(server);
  const refused = await publishUntilRefused(publish);
  assert.ok([503, 507].includes(refused.status), `${refused.status} ${refused.text}`);
  if (refused.status === 503) assert.match(refused.headers['retry-after'] ?? '', /^\d+$/);
  assert.equal((await server.call('GET', '/livez')).status, 200);
  assert.equal((await server.call('GET', '/webhooks')).status, 200, 'reading goes on');
  const user = await server.call('POST', '/users', { username: 'alice' });
  assert.ok([200, 503, 507].includes(user.status), `${user.status}`);

  disk.free(server);
  await until(async () => (await publish(-1)).status === 202, { within: 30_000, what: 'events to be accepted again' });
  await assertNothingLost(t, acked, receiver, '/tick');
  await server.kill();
  await server.start();
  await until(async () => (await v1.deliveries({ status: 'pending' })).length === 0,
    { within: 30_000, what: 'nothing left owed' });
  assert.equal((await server.call('GET', '/users')).json.length, user.status === 200 ? 1 : 0, 'refused means refused');
}

async function publishUntilRefused(publish) {
  for (let n = 50; n < MOST_EVENTS; ++n) {
    const answer = await publish(n);
    if (answer.status !== 202) return answer;
  }
  return assert.fail(`${MOST_EVENTS} events fitted on the full disk`);
}

test('a full disk refuses, keeps what it acknowledged, and recovers', { timeout: 180_000 }, async (t) => {
  const disk = smallDisk(t);
  t.diagnostic(disk ? 'on a small tmpfs' : 'no right to mount: files of limited size instead');
  await refusesAndRecovers(t, disk ?? limitedFiles(t));
});

test('a disk with less room than is to stay free refuses events and nothing else', async (t) => {
  const settings = { 'limits.min_free_disk': 2 ** 50 };
  const server = await startServer(t, { settings });
  const refused = await server.call('POST', '/v1/events', { event: 'user_registered', data: {} });
  assert.equal(refused.status, 507, refused.text);
  assert.match(refused.json.detail, /limits\.min_free_disk/);
  assert.equal((await server.call('POST', '/users', { username: 'alice' })).status, 507);
  assert.equal((await server.call('GET', '/readyz')).status, 503);
  await new V1(server).declare('load.tick');
  assert.equal(server.logged(/nearly full/).length, 1);
  await server.stop();
  server.settings = {};
  await server.start();
  assert.equal((await server.call('POST', '/v1/events', { event: 'user_registered', data: {} })).status, 202);
});

test('a store whose writes fail refuses, keeps what it acknowledged, and recovers', { timeout: 180_000 }, async (t) => {
  await refusesAndRecovers(t, limitedFiles(t));
});
