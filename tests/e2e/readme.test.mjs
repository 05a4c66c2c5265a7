// The README's first webhook, as a reader types it: register, start examples/receiver.mjs with the secret, create a
// user, see it verified, ask what became of the delivery.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { test } from 'node:test';

import { startReceiver } from './lib/receiver.mjs';
import { startServer } from './lib/server.mjs';
import { until } from './lib/time.mjs';

const EXAMPLE = fileURLToPath(new URL('../../examples/receiver.mjs', import.meta.url));

// The example on a free port; `output` grows as it prints.
async function startExample(t, secret, port = 0) {
  const example = { output: '' };
  const child = spawn(process.execPath, [EXAMPLE, String(port)], { env: { ...process.env, SECRET: secret } });
  t.after(() => child.kill('SIGKILL'));
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => { example.output += chunk; });
  example.url = await until(() => example.output.match(/http:\S+/)?.[0], { what: 'the example to listen' });
  return example;
}

// A port that nothing listens on any more.
async function freePort(t) {
  const receiver = await startReceiver(t);
  const { port } = receiver;
  await receiver.close();
  return port;
}

test('the first webhook of the README arrives and verifies', async (t) => {
  const [server, port] = [await startServer(t), await freePort(t)];
  const url = `http://127.0.0.1:${port}/hook`;
  const registered = await server.call('POST', '/webhook', { event: 'user_registered', url });
  assert.equal(registered.status, 200);
  const example = await startExample(t, registered.json.secret, port);
  assert.equal((await server.call('POST', '/users', { username: 'alice' })).status, 200);
  await until(() => example.output.includes('alice'), { what: 'the example to print the delivery' });
  assert.match(example.output, /^verified msg_\w+ \{"event":"user_registered"/m);
  const delivery = await until(async () => {
    const [first] = (await server.call('GET', '/v1/deliveries')).json.data;
    return first?.status === 'succeeded' && first;
  }, { what: 'the delivery to have succeeded' });
  assert.match(delivery.id, /^dlv_/);
});

test('the example refuses what is not signed with its secret', async (t) => {
  const example = await startExample(t, `whsec_${Buffer.alloc(24, 7).toString('base64')}`);
  const headers = { 'webhook-id': 'msg_1', 'webhook-timestamp': String(Math.floor(Date.now() / 1000)),
    'webhook-signature': `v1,${Buffer.alloc(32).toString('base64')}` };
  const answer = await fetch(example.url, { method: 'POST', body: '{}', headers });
  assert.equal(answer.status, 401);
  await until(() => example.output.includes('NOT VERIFIED'), { what: 'the example to print the refusal' });
});
