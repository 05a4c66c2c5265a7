// The guard at the edges: which receivers a server that listens publicly lets in, and which pages may call /v1.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { startReceiver } from './lib/receiver.mjs';
import { startServer } from './lib/server.mjs';

const PUBLIC = { listen: '0.0.0.0:0' };

// Its `url` is the address it is bound to, as a proxy on this machine would call it.
async function startBehindProxy(t, settings, listen) {
  const server = await startServer(t, { settings, listen });
  const [ready] = server.logged('ready');
  assert.equal(server.url, settings['server.public_url']);
  server.url = `http://127.0.0.1:${ready.listen.split(':').at(-1)}`;
  return server;
}

const register = (server, url) => server.call('POST', '/webhook', { event: 'user_registered', url });

function urlVerdicts() {
  const text = readFileSync(new URL('../data/url-verdicts.tsv', import.meta.url), 'utf8');
  const rows = text.split('\n').filter((line) => line && !line.startsWith('#')).map((line) => line.split('\t'));
  return rows.map(([verdict, url]) => [verdict, JSON.parse(url)]);
}

test('every URL of the verdict table is judged so at registration by a server that listens publicly', async (t) => {
  const server = await startServer(t, PUBLIC);
  const wrong = [];
  for (const [verdict, url] of urlVerdicts()) {
    const answer = await register(server, url);
    const allowed = answer.status === 200;
    if (allowed !== (verdict === 'allow')) wrong.push(`${verdict} ${JSON.stringify(url)} -> ${answer.status}`);
    if (answer.status === 422) assert.deepEqual(answer.json.detail[0].loc, ['body', 'url']);
  }
  assert.deepEqual(wrong, []);
});

test('a refused address says which rule and how the operator can allow it, and then it works', async (t) => {
  const receiver = await startReceiver(t);
  const closed = await startServer(t, PUBLIC);
  const refusal = await register(closed, receiver.url());
  assert.equal(refusal.status, 422);
  assert.match(refusal.json.detail[0].msg, /loopback[^]*security\.allow_networks/);
  const open = await startServer(t, { ...PUBLIC, settings: { 'security.allow_networks': '127.0.0.0/8' } });
  assert.equal((await register(open, receiver.url())).status, 200);
  await open.call('POST', '/users', { username: 'alice' });
  await receiver.waitFor('/hook', 1);
  assert.equal((await register(open, 'http://169.254.169.254/')).status, 422, 'metadata stays refused');
});

test('a public server without tokens says so at its start', async (t) => {
  const server = await startServer(t, PUBLIC);
  const warning = server.life.lines.find((line) => line.json?.level === 'warn');
  assert.match(warning?.text ?? '', /token|loopback/);
});

test('a public URL says that others reach the server, also on loopback: private receivers are refused', async (t) => {
  const settings = { 'server.public_url': 'https://hooks.example.com' };
  const server = await startBehindProxy(t, settings);
  for (const url of ['http://127.0.0.1:2375/', 'http://10.1.2.3/', 'http://receiver:3000/', 'http://localhost:9000/']) {
    const refusal = await register(server, url);
    assert.equal(refusal.status, 422, url);
    assert.match(refusal.json.detail[0].msg, /server\.public_url[^]*security\.allow_/, url);
  }
  assert.equal((await register(server, 'https://shop.example.com/hook')).status, 200);
  assert.ok(server.life.lines.some((line) => line.json?.level === 'warn' && /public_url/.test(line.text)));
  const open = await startBehindProxy(t, { ...settings, 'security.allow_private': 'true' });
  assert.equal((await register(open, 'http://10.1.2.3/')).status, 200);
  assert.equal((await register(open, 'http://169.254.169.254/')).status, 422, 'metadata stays refused');
  assert.ok(open.life.lines.some((line) => line.json?.level === 'warn' && /allow_private/.test(line.text)));
});

test('a server on loopback can be told to refuse private receivers', async (t) => {
  const server = await startServer(t, { settings: { 'security.allow_private': 'false' } });
  const refusal = await register(server, 'http://127.0.0.1:9000/');
  assert.equal(refusal.status, 422);
  assert.match(refusal.json.detail[0].msg, /security\.allow_private/);
});

test('receivers on this machine just work while only this machine can reach the server', async (t) => {
  const server = await startServer(t);
  const urls = ['http://localhost:9000/hook', 'http://receiver:3000/', 'http://printer.local/', 'http://10.1.2.3/',
    'http://[::1]:9000/'];
  for (const url of urls) {
    assert.equal((await register(server, url)).status, 200, url);
  }
});

test('https_only refuses plain http', async (t) => {
  const server = await startServer(t, { settings: { 'security.https_only': 'true' } });
  assert.equal((await register(server, 'http://example.com/')).status, 422);
  assert.equal((await register(server, 'https://example.com/')).status, 200);
});

test('certificates are always verified unless the operator says otherwise, loudly', async (t) => {
  const server = await startServer(t, { settings: { 'security.verify_tls': 'false' } });
  assert.ok(server.life.lines.some((line) => line.json?.level === 'warn' && /verif|certificate/i.test(line.text)));
});

test('a server that listens publicly and was told its URL takes /v1 under that name and its addresses alone', async (t) => {
  const server = await startBehindProxy(t, { 'server.public_url': 'https://hooks.example.com' }, PUBLIC.listen);
  for (const [host, status] of [['hooks.example.com', 200], ['127.0.0.1', 200], ['evil.example', 421]]) {
    assert.equal((await server.call('GET', '/v1/endpoints', undefined, { host })).status, status, host);
    assert.equal((await server.call('GET', '/webhooks', undefined, { host })).status, 200, host);
  }
});

test('a foreign page cannot call /v1: neither by its origin nor by making its name resolve to us', async (t) => {
  const server = await startServer(t);
  const rebound = await server.call('GET', '/v1/endpoints', undefined, { host: 'evil.example' });
  assert.ok([400, 403, 421].includes(rebound.status), `${rebound.status}`);
  const foreign = await server.call('POST', '/v1/events', { event: 'user_registered', data: {} },
    { origin: 'https://evil.example' });
  assert.equal(foreign.status, 403);
  assert.equal(foreign.headers['access-control-allow-origin'], undefined);
  const preflight = await server.call('OPTIONS', '/v1/events', undefined,
    { origin: 'https://evil.example', 'access-control-request-method': 'POST' });
  assert.equal(preflight.headers['access-control-allow-origin'], undefined);
  const own = await server.call('GET', '/v1/endpoints', undefined, { origin: server.url });
  assert.equal(own.status, 200);
});
