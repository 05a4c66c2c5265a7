// The README's first webhook: its own commands are run, and examples/receiver.mjs with the secret that the first of them
// showed.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { startReceiver } from '../lib/receiver.mjs';
import { startServer } from '../lib/server.mjs';
import { until } from '../lib/time.mjs';

const README = new URL('../../../README.md', import.meta.url);
const EXAMPLE = fileURLToPath(new URL('../../../examples/receiver.mjs', import.meta.url));

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

// The sh blocks of "Your first webhook", with the server and receiver of this test in place of the README's.
function commandsOf(readme, server, receiverPort) {
  const [, chapter] = readme.split('## Your first webhook');
  const blocks = [...chapter.split('\n## ')[0].matchAll(/```sh\n([^]*?)```/g)].map(([, block]) => block);
  return blocks.map((block) => block.replaceAll('http://127.0.0.1:8000', server.url)
    .replaceAll('127.0.0.1:9000', `127.0.0.1:${receiverPort}`));
}

// What the shell prints.
const shell = async (command) => (await promisify(execFile)('sh', ['-c', command])).stdout;

test('the first webhook of the README, typed as it stands there, arrives and verifies', async (t) => {
  const [server, port] = [await startServer(t), await freePort(t)];
  const [register, receive, create, look, publish, ...more] = commandsOf(readFileSync(README, 'utf8'), server, port);
  assert.deepEqual(more, [], 'five blocks');
  const { secret } = JSON.parse(await shell(register));
  assert.match(receive, /^SECRET=whsec_\.\.\. node examples\/receiver\.mjs\n$/);
  const example = await startExample(t, secret, port);
  assert.equal(JSON.parse(await shell(create)).username, 'alice');
  await until(() => example.output.includes('alice'), { what: 'the example to print the delivery' });
  assert.match(example.output, /^verified msg_\w+ \{"event":"user_registered"/m);
  const delivery = await until(async () => {
    const [first] = JSON.parse(await shell(look)).data;
    return first?.status === 'succeeded' && first;
  }, { what: 'the delivery to have succeeded' });
  assert.match(delivery.id, /^dlv_/);
  assert.match(await shell(publish), /"id":"evt_\w+","event":"order\.paid"/);
});

test('the example says at its start that it has no secret', async () => {
  const env = { ...process.env, SECRET: '' };
  await assert.rejects(promisify(execFile)(process.execPath, [EXAMPLE, '0'], { env }), (error) => {
    assert.equal(error.code, 2);
    assert.match(error.stderr, /SECRET is not set/);
    return true;
  });
});

test('the example refuses what is not signed with its secret', async (t) => {
  const example = await startExample(t, `whsec_${Buffer.alloc(24, 7).toString('base64')}`);
  const headers = { 'webhook-id': 'msg_1', 'webhook-timestamp': String(Math.floor(Date.now() / 1000)),
    'webhook-signature': `v1,${Buffer.alloc(32).toString('base64')}` };
  const answer = await fetch(example.url, { method: 'POST', body: '{}', headers });
  assert.equal(answer.status, 401);
  await until(() => example.output.includes('NOT VERIFIED'), { what: 'the example to print the refusal' });
});
