// The first minute of somebody who starts it by hand: what the terminal shows, that what it proposes works, and that the
// second start goes on where the first ended.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';

import { OK, startReceiver, status } from '../lib/receiver.mjs';
import { databaseFile, newDirectory, runCommand, startServer } from '../lib/server.mjs';
import { startOnTerminal } from '../lib/terminal.mjs';
import { V1 } from '../lib/v1.mjs';

// What README's first step shows, with what differs from start to start taken from the text itself.
async function bannerOf({ url, text }, data, events) {
  const [, took] = text.match(/^Ready in (\d+) ms\./m);
  const version = (await runCommand(['version'])).stdout.trim().split(' ')[1];
  return `Exposee ${version} · ${url}
├─ API docs    ${url}/docs        Postman  ${url}/postman.json
├─ Data        ${data} (SQLite, ${events})
└─ Access      this machine only, no token needed
Ready in ${took} ms.  Try:  curl -X POST ${url}/users -H 'content-type: application/json' -d '{"username":"alice"}'
`;
}

test('a terminal shows the banner and nothing else, and the call that it proposes works as it stands', async (t) => {
  const data = newDirectory(t);
  const terminal = await startOnTerminal(t, data);
  assert.equal(terminal.text, await bannerOf(terminal, data, '0 events'));
  const [, proposed] = terminal.text.match(/Try: {2}(curl .*)\n/);
  const answer = execFileSync('sh', ['-c', `${proposed} --silent --show-error --fail`], { encoding: 'utf8' });
  assert.equal(JSON.parse(answer).username, 'alice');
});

test('Ctrl-C ends it with 0, and the second start counts what is there and goes on with it', async (t) => {
  const [data, receiver] = [newDirectory(t), await startReceiver(t)];
  const first = await startOnTerminal(t, data);
  const v1 = new V1(first);
  await v1.declare('order.paid');
  const endpoint = await v1.endpoint(receiver.script('/hook', status(500), OK), ['order.paid'], { schedule_ms: [1_000] });
  const event = await v1.publish('order.paid', {});
  await receiver.waitFor('/hook', 1);
  assert.deepEqual(await first.pressCtrlC(), { code: 0 });

  const second = await startOnTerminal(t, data);
  assert.equal(second.text, await bannerOf(second, data, 'up to 1 event'));
  await new V1(second).settled(event.id, endpoint.id, 'succeeded');
  assert.equal(receiver.count('/hook'), 2);
});

test('a start has only to look at what the end before left open: of what is settled, nothing', async (t) => {
  const [server, receiver] = [await startServer(t), await startReceiver(t)];
  const v1 = new V1(server);
  await v1.declare('order.paid');
  await v1.endpoint(receiver.url('/hook'), ['order.paid']);
  for (let n = 1; n <= 50; ++n) await v1.publish('order.paid', { n });
  await receiver.waitFor('/hook', 50);
  await server.stop();
  assert.equal(unsettled(server.data), '0 events, 0 lanes');
  await server.start();
  assert.equal((await v1.deliveries({ status: 'succeeded' })).length, 50);
  await server.stop();
  assert.equal(receiver.count('/hook'), 50, 'no event is sent again');
});

// What the next start reads: events above the checkpoint, and lanes that lag behind it (ARCHITECTURE, data model).
function unsettled(data) {
  return execFileSync('sqlite3', [databaseFile(data), `SELECT (SELECT count(*) FROM event
    WHERE seq > (SELECT min(low_water) FROM shard_mark))
    || ' events, ' || (SELECT count(*) FROM lane_mark) || ' lanes'`], { encoding: 'utf8' }).trim();
}
