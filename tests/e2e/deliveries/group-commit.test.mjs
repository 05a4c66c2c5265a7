// 256 connections post events to one subscribed URL: acknowledged = delivered, a kill -9 in the middle loses nothing,
// and commits are grouped by load alone: many events each under load, one when idle.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { inject } from '../lib/kernel.mjs';
import { assertNothingLost } from '../lib/ledger.mjs';
import { Load } from '../lib/load.mjs';
import { RawConnection } from '../lib/raw.mjs';
import { startReceiver } from '../lib/receiver.mjs';
import { startServer } from '../lib/server.mjs';
import { moment, until } from '../lib/time.mjs';
import { V1 } from '../lib/v1.mjs';

const CONNECTIONS = 256;
const LOAD_MS = 3_000;
// A burst that finds the server held still: 200 events wait for it.
const LEAST_OF_A_BURST = 8;
const WAITING = 200;  // below the limit of one peer, with room for the calls beside them
const BURSTS = 10;
// 256 is also the limit of one peer, and the connection of a call made just before may still be counted for a moment.
const CALLS_BEFORE = 3;

async function scene(t) {
  const [server, receiver] = [await startServer(t), await startReceiver(t)];
  await server.call('POST', '/webhook', { event: 'user_registered', url: receiver.url('/user') });
  const v1 = new V1(server);
  await v1.declare('load.tick');
  await v1.endpoint(receiver.url('/tick'), ['load.tick']);
  const load = new Load({ connections: CONNECTIONS,
    draft: (n) => ({ target: '/v1/events', body: { event: 'load.tick', data: { n, filler: 'x'.repeat(200) } } }) });
  return { server, receiver, load };
}

const eventIds = (load) => [...load.acked.values()].map((answer) => answer.id);

// How many events a commit has follows from what comes while the one before is on its way to the disk: one that is fast
// is outrun by this very process, so grouping is judged by one that is slow.
for (const { disk, fault, least } of [
  { disk: 'the disk of this machine', least: 1 },
  { disk: 'a slow disk', fault: 'delay_exit=10000', least: LEAST_OF_A_BURST },
]) test(`acknowledged is delivered: ${disk}`, async (t) => {
  const { server, receiver, load } = await scene(t);
  const slow = fault && await inject(t, server, 'fdatasync', fault);
  load.start(server.url);
  await moment(LOAD_MS);
  await load.stop();
  assert.deepEqual(load.unanswered, []);
  const { 503: tooMany = 0, ...others } = Object.fromEntries(load.refused);
  assert.deepEqual(others, {}, 'every post was acknowledged');
  assert.ok(tooMany <= CALLS_BEFORE, `${tooMany} connections were one too many for this peer`);
  const counts = await assertNothingLost(t, eventIds(load), receiver, '/tick');
  assert.equal(counts.received, counts.acked);
  assert.equal(counts.duplicates, 0, 'no crash, no time-out: no duplicate');

  assert.ok(!slow || slow.met());
  await slow?.end();
  const stopped = await stopAndTell(t, server);
  assert.ok(stopped.events >= counts.acked);
  assert.ok(stopped.perCommit >= least, `${stopped.perCommit} events per commit`);
  t.diagnostic(`${Math.round(counts.acked / (LOAD_MS / 1000))} acknowledged events a second`);
});

// What the server says that it did, once it has ended.
async function stopAndTell(t, server) {
  assert.equal((await server.stop()).code, 0);
  const [stopped] = server.logged('stopped');
  assert.ok(stopped, 'the server says what it did when it stops');
  stopped.perCommit = stopped.events / stopped.commits;
  t.diagnostic(`${stopped.events} events in ${stopped.commits} commits: ${stopped.perCommit.toFixed(1)} each`);
  return stopped;
}

// How many events come in during one fsync depends on the disk and on how fast this process can send; so the server is
// held still while all connections post, and then finds all of it waiting.
test('what waits together is stored together', async (t) => {
  const { server, receiver } = await scene(t);
  const connections = [];
  for (let i = 0; i < WAITING; ++i) connections.push(await RawConnection.open(server.url));
  const body = JSON.stringify({ event: 'load.tick', data: {} });
  const request = `POST /v1/events HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  for (let burst = 1; burst <= BURSTS; ++burst) {
    server.signal('SIGSTOP');
    for (const connection of connections) connection.send(request);
    await until(() => connections.every((connection) => connection.socket.writableLength === 0),
      { what: 'the posts to be sent' });
    server.signal('SIGCONT');
    await until(() => connections.every((connection) => connection.statuses().length === burst),
      { what: `the answers of burst ${burst}` });
  }
  for (const connection of connections) assert.deepEqual(connection.statuses(), Array(BURSTS).fill(202));
  await receiver.waitFor('/tick', WAITING * BURSTS);
  connections.forEach((connection) => connection.destroy());
  const { perCommit } = await stopAndTell(t, server);
  assert.ok(perCommit >= LEAST_OF_A_BURST, `${perCommit} events per commit`);
});

test('an event that comes alone is stored at once, alone', async (t) => {
  const { server } = await scene(t);
  const v1 = new V1(server);
  for (let n = 0; n < 10; ++n) await v1.publish('load.tick', { n });
  const { events, commits } = await stopAndTell(t, server);
  assert.ok(commits >= events, 'no acknowledgement waited for company');
});

test('a kill -9 in the middle of it loses nothing', async (t) => {
  const { server, receiver, load } = await scene(t);
  load.start(server.url);
  await moment(LOAD_MS / 2);
  await server.kill();
  await load.stop();
  assert.ok(load.acked.size > CONNECTIONS, `the load was a load: ${load.acked.size}`);
  await server.start();
  const counts = await assertNothingLost(t, eventIds(load), receiver, '/tick');
  t.diagnostic(`${load.unanswered.length} posts had no answer when the server died; ` +
    `${counts.received - counts.acked} of them were stored`);
});
