// What an operator meets at a terminal: endpoints by commands, and suggestions that work as they are typed, whatever
// state the endpoint is in.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import path from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';

import { OK, startReceiver, status } from '../lib/receiver.mjs';
import { BINARY, environment, runCommand, startServer } from '../lib/server.mjs';
import { until } from '../lib/time.mjs';
import { V1 } from '../lib/v1.mjs';

const NOT_FOUND = 5;

async function scene(t) {
  const [server, receiver] = [await startServer(t), await startReceiver(t)];
  const variables = { EXPOSEE_URL: server.url };
  const ask = (...args) => runCommand(args, { variables });
  const PATH = `${path.dirname(BINARY)}:${process.env.PATH}`;
  // A line as somebody copies it into a shell.
  const type = (line) => promisify(execFile)('sh', ['-c', line], { env: { ...environment({}), ...variables, PATH } });
  return { server, receiver, v1: new V1(server), ask, type };
}

const ok = (ended) => {
  assert.equal(ended.code, 0, ended.stderr);
  return ended.stdout;
};
const suggested = ({ stderr }) => stderr.match(/Try: (.*)\n/)?.[1];

test('an endpoint is listed, paused, resumed and enabled, by its id and by its URL', async (t) => {
  const { receiver, v1, ask } = await scene(t);
  const url = receiver.url('/hook');
  assert.equal(suggested(await ask('endpoints')), 'exposee register EVENT URL');
  const { id } = await v1.endpoint(url, ['user_registered']);
  assert.equal(ok(await ask('endpoints')), `${id}  active  0 pending  ${url}  user_registered\n`);
  assert.match(ok(await ask('pause', url)), new RegExp(`^${id}  paused  0 pending`));
  for (let n = 0; n < 3; ++n) await v1.publish('user_registered', { n });
  assert.equal(ok(await ask('endpoints', id)), `${id}  paused  3 pending  ${url}  user_registered\n`);
  const [listed] = JSON.parse(ok(await ask('endpoints', '--json'))).data;
  assert.deepEqual([listed.id, listed.status, listed.pending], [id, 'paused', 3]);
  const state = await ask('status');
  assert.match(ok(state), new RegExp(`paused  ${id}  ${url}  3 pending\n`));
  assert.equal(suggested(state), `exposee resume ${id}`);
  assert.match(ok(await ask('resume', url.replace('http', 'HTTP'))), new RegExp(`^${id}  active `));
  await receiver.waitFor('/hook', 3);
  await until(async () => (await v1.showEndpoint(id)).pending === 0, { what: 'nothing to be pending' });
  await v1.patch(id, { disabled: true });
  assert.equal(suggested(await ask('resume', id)), `exposee enable ${id}`);
  assert.equal(JSON.parse(ok(await ask('enable', url, '--json'))).status, 'active');
  for (const command of ['pause', 'resume', 'enable', 'endpoints']) {
    for (const nobody of ['http://127.0.0.1:1/', 'ep_00000000000000000000000000']) {
      const refused = await ask(command, nobody);
      assert.equal(refused.code, NOT_FOUND, refused.stderr);
      assert.match(refused.stderr, /exposee endpoints lists all endpoints\.\n$/);
    }
  }
});

// What happens to the endpoint of a delivery that failed for good, or waits for its next attempt.
const STATES = {
  active: () => {},
  paused: ({ v1, id }) => v1.patch(id, { paused: true }),
  disabled: ({ v1, id }) => v1.patch(id, { disabled: true }),
  held: async ({ receiver, v1, id }) => {
    receiver.script('/hook', status(429, { 'retry-after': '600' }));
    await v1.publish('user_registered', {});
    await until(async () => (await v1.showEndpoint(id)).status === 'held', { what: 'the hold' });
  },
};
for (const [state, become] of Object.entries(STATES)) {
  for (const schedule of [[], [600_000]]) {
    test(`the step suggested for a delivery that ${schedule.length ? 'waits' : 'is exhausted'}, its endpoint ${state}, works as it is typed`, async (t) => {
      const { receiver, v1, ask, type } = await scene(t);
      const { id } = await v1.endpoint(receiver.script('/hook', status(500)), ['user_registered'], { schedule_ms: schedule });
      const event = await v1.publish('user_registered', {});
      const delivery = await v1.settled(event.id, id, schedule.length ? 'pending' : 'exhausted', { attempts: 1 });
      await become({ receiver, v1, id });
      receiver.script('/hook', OK);
      const step = await until(async () => suggested(await ask('delivery', delivery.id)), { what: 'a step' });
      await type(step);
      if (step.includes('retry')) return v1.settled(event.id, id, 'succeeded');
      assert.equal((await v1.showEndpoint(id)).status, 'active', step);
      return undefined;
    });
  }
}

test('for a delivery whose endpoint was removed nothing is suggested, and hints name commands with their ids', async (t) => {
  const { server, receiver, v1, ask, type } = await scene(t);
  const { id } = await v1.endpoint(receiver.script('/hook', status(500)), ['user_registered'], { schedule_ms: [] });
  const event = await v1.publish('user_registered', {});
  const delivery = await v1.settled(event.id, id, 'exhausted');
  await v1.patch(id, { paused: true });
  const refused = await ask('retry', delivery.id);
  assert.equal(refused.stderr, `exposee: The endpoint is paused. Resume it with exposee resume ${id}, then try again.\n`);
  await type(`exposee resume ${id}`);
  assert.equal((await server.call('DELETE', `/v1/endpoints/${id}`)).status, 204);
  assert.equal(suggested(await ask('delivery', delivery.id)), undefined);
});

test('an event that is not declared can be, by the line that the refusal shows; a mistyped one is told', async (t) => {
  const { server, receiver, ask, type } = await scene(t);
  const refused = await ask('send', 'order.paid', '{}');
  assert.equal(refused.code, NOT_FOUND);
  assert.match(refused.stderr, /^exposee: Event type 'order\.paid' is not declared\. Declare it with curl /);
  await type(refused.stderr.match(/curl .*}'/)[0]);
  const sent = await ask('send', 'order.paid', '{}');
  assert.match(ok(sent), /0 deliveries\n$/);
  assert.equal(sent.stderr, 'No endpoint is subscribed to it.  Try: exposee endpoints\n');
  assert.match((await ask('send', 'order.piad', '{}')).stderr, /is not declared\. Did you mean 'order\.paid'\? Declare it with curl .*"order\.piad"}'/);
  const dotted = await ask('register', 'order.paid', receiver.url('/hook?a=1'));
  await type(dotted.stderr.match(/curl .*}'/)[0]);
  const { json } = await server.call('GET', '/v1/endpoints');
  assert.deepEqual(json.data.map(({ url, events }) => [url, events]), [[receiver.url('/hook?a=1'), ['order.paid']]]);
});

test('a redirect shows where it leads, and a hold is told in the log as it begins and once it is over', async (t) => {
  const { server, receiver, v1, ask } = await scene(t);
  const moved = await v1.endpoint(receiver.script('/moved', status(308, { location: '/new?token=hunter2' })), ['user_registered'],
    { schedule_ms: [] });
  const held = await v1.endpoint(receiver.script('/held', status(503, { 'retry-after': '1' }), OK), ['user_registered']);
  const event = await v1.publish('user_registered', {});
  const delivery = await v1.settled(event.id, moved.id, 'exhausted');
  assert.equal(delivery.hint, `The receiver redirects to ${receiver.url('/new?token=hunter2')} (308 Permanent Redirect), and redirects `
    + 'are never followed. Register that URL.');
  assert.match(ok(await ask('delivery', delivery.id)), /✗ 308 .* The receiver redirects to http:\S+\/new\?token=hunter2\n/);
  await v1.settled(event.id, held.id, 'succeeded');
  const over = await until(() => server.logged('endpoint no longer held')[0], { what: 'its end' });
  const [begun] = server.logged('endpoint held: its receiver asked for no requests (Retry-After)');
  assert.deepEqual([begun.endpoint_id, over.endpoint_id, typeof begun.held_until], [held.id, held.id, 'string']);
  const failed = server.logged('attempt failed');
  assert.deepEqual(failed.map((line) => [line.status_code, line.retry_after]).sort(), [[308, undefined], [503, '1']]);
  assert.equal(failed.find((line) => line.status_code === 308).error, `The receiver redirects to ${receiver.url('/new')}`);
});
