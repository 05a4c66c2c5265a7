// The guard at the edges: which receivers a server that listens publicly lets in, and which pages may call /v1.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import os from 'node:os';
import { test } from 'node:test';

import { startReceiver } from '../lib/receiver.mjs';
import { startServer } from '../lib/server.mjs';
import { V1 } from '../lib/v1.mjs';

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
  const text = readFileSync(new URL('../../data/url-verdicts.tsv', import.meta.url), 'utf8');
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
  for (const url of ['http://127.0.0.1:9000/', 'http://10.1.2.3/', 'http://receiver:3000/', 'http://localhost:9000/']) {
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
  const docker = await register(server, 'http://127.0.0.1:2375/');
  assert.equal(docker.status, 422, 'what starts programs for whoever reaches it is not a receiver');
  assert.match(docker.json.detail[0].msg, /Port 2375/);
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

test('no page can rebind its name to a server that listens publicly: it takes names that no stranger has', async (t) => {
  const server = await startServer(t, PUBLIC);
  const page = (host) => ({ host, origin: `http://${host}` });
  for (const path of ['/v1/endpoints', '/v1/event-types', '/metrics']) {
    const refused = await server.call('GET', path, undefined, page('evil.example:8000'));
    assert.equal(refused.status, 421, path);
    assert.match(refused.text, /server\.public_url[^]*server\.allowed_hosts/);
  }
  const untyped = { ...page('evil.example:8000'), 'content-type': 'text/plain' };
  assert.equal((await server.call('POST', '/webhook', HOOK, untyped)).status, 422,
    'the contract answers any page, but as a foreign one');
  for (const host of ['localhost', 'a.localhost:8000', '10.0.0.5', '[::1]:1', 'exposee:8000', 'box.local', os.hostname()]) {
    assert.equal((await server.call('GET', '/v1/endpoints', undefined, page(host))).status, 200, host);
  }
  for (const path of ['/livez', '/readyz']) {
    assert.equal((await server.call('GET', path, undefined, { host: 'balancer.example' })).status, 200, path);
  }
  const [line, ...more] = server.logged('calls were refused: their Host header names another server');
  assert.deepEqual([line.level, line.host, more], ['warn', 'evil.example:8000', []]);
});

test('server.allowed_hosts names more, and then others can reach the server', async (t) => {
  const hosts = (list) => ({ settings: { 'server.allowed_hosts': list } });
  const named = await startServer(t, hosts('hooks.example.com,*.corp.example'));
  for (const [host, status] of [['hooks.example.com', 200], ['a.corp.example:80', 200], ['corp.example', 421]]) {
    assert.equal((await named.call('GET', '/v1/endpoints', undefined, { host })).status, status, host);
  }
  const refusal = await register(named, 'http://127.0.0.1:9000/');
  assert.equal(refusal.status, 422);
  assert.match(refusal.json.detail[0].msg, /server\.allowed_hosts is set/);
  const open = await startServer(t, { ...PUBLIC, ...hosts('*') });
  assert.equal((await open.call('GET', '/v1/endpoints', undefined, { host: 'evil.example' })).status, 200);
  assert.ok(open.life.lines.some((line) => line.json?.level === 'warn' && /ANY HOST NAME/.test(line.text)));
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

const HOOK = { event: 'user_registered', url: 'https://evil.example/x' };

test('with a narrowed list a page of another origin does nothing, whatever it sends and leaves out', async (t) => {
  const server = await startServer(t, { settings: { 'cors.allow_origins': 'https://shop.example' } });
  for (const origin of ['https://evil.example', 'null']) {
    for (const type of [null, 'text/plain', 'application/json']) {  // null: a Blob without a type, so no preflight
      for (const [method, path, body] of [['POST', '/webhook', HOOK], ['POST', '/users', { username: 'eve' }],
        ['POST', '/ping', {}], ['GET', '/users'], ['OPTIONS', '/webhook']]) {
        const refused = await server.call(method, path, body, { origin, 'content-type': type });
        assert.equal(refused.status, 403, `${origin} ${type} ${method} ${path}`);
        assert.deepEqual([refused.json.code, typeof refused.json.detail], ['origin_not_allowed', 'string']);
        assert.equal(refused.headers['access-control-allow-origin'], undefined);
      }
    }
  }
  const packed = { 'content-encoding': 'br' };
  for (const [method, path, body, more] of [['FROBNICATE', '/users'], ['FROBNICATE', '/nope'], ['PROPFIND', '/nope'],
    ['POST', '/users', 'a'.repeat(20_000)], ['POST', '/users', '{}', packed]]) {
    const refused = await server.call(method, path, body, { origin: 'https://evil.example', ...more });
    assert.deepEqual([refused.status, refused.headers.vary, refused.headers['access-control-allow-origin']],
      [403, 'origin', undefined], `${method} ${path}`);
  }
  const large = await server.call('POST', '/users', 'a'.repeat(20_000), { origin: 'https://shop.example' });
  assert.deepEqual([large.status, large.headers.vary, large.headers['access-control-allow-origin']],
    [413, 'origin', 'https://shop.example']);
  assert.deepEqual((await server.call('GET', '/users')).json, []);
  assert.ok((await server.call('GET', '/webhooks')).json.webhooks.every(({ urls }) => urls.length === 0));
});

test('where any origin may call, a page must let its browser ask first, and registers public receivers only', async (t) => {
  const server = await startServer(t);
  const page = { origin: 'https://shop.example' };
  assert.equal((await server.call('POST', '/webhook', HOOK, { ...page, 'content-type': null })).status, 422);
  for (const url of ['http://127.0.0.1:9000/', 'http://10.1.2.3/', 'http://receiver:3000/']) {
    const refused = await server.call('POST', '/webhook', { ...HOOK, url }, page);
    assert.equal(refused.status, 422, url);
    assert.match(refused.json.detail[0].msg, /page of another origin/, url);
  }
  assert.equal((await server.call('POST', '/webhook', HOOK, page)).status, 200);
  assert.equal((await server.call('POST', '/webhook', { ...HOOK, url: 'http://10.1.2.3/' },
    { origin: server.url })).status, 200, 'a page of its own');
});

// Its author may have the name lead to a private address once it is registered.
test('what a foreign page registered takes public receivers only, until another client asks for it', async (t) => {
  const server = await startServer(t);
  const v1 = new V1(server);
  const page = { origin: 'https://shop.example' };
  const publicOnly = async (id) => (await v1.showEndpoint(id)).public_only;
  const theirs = (await server.call('POST', '/webhook', HOOK, page)).json.endpoint_id;
  await server.kill();
  await server.start();
  assert.equal(await publicOnly(theirs), true);
  const again = await server.call('POST', '/webhook', HOOK);
  assert.deepEqual([again.status, again.json.code], [400, 'endpoint_public_only']);
  assert.match(again.json.hint, /PATCH .*"public_only": false/);
  assert.equal((await server.call('POST', '/webhook', { ...HOOK, event: 'user_send_message' })).status, 200);
  assert.equal(await publicOnly(theirs), false);

  const ours = await v1.endpoint('https://ours.example/', ['user_registered']);
  const added = await server.call('POST', '/webhook', { url: ours.url, event: 'user_send_message' }, page);
  assert.equal(added.status, 200);
  assert.equal(await publicOnly(ours.id), false, 'a page takes nothing away');
});

test('deliveries, pings and tests of what takes public receivers only never reach a private one', async (t) => {
  const server = await startServer(t);
  const v1 = new V1(server);
  const receiver = await startReceiver(t);
  for (const host of ['127.0.0.1', 'localhost']) {
    const endpoint = await v1.endpoint(receiver.url('/hook', host), ['user_registered'], { schedule_ms: [] });
    await v1.patch(endpoint.id, { public_only: true });
    const event = await v1.publish('user_registered', { host });
    const { attempts } = await v1.settled(event.id, endpoint.id, 'exhausted');
    assert.equal(attempts[0].cause, 'blocked');
    assert.match(attempts[0].error, /the endpoint takes public receivers only/);
    const tested = await server.call('POST', `/v1/endpoints/${endpoint.id}/test`);
    assert.equal(tested.json.cause, 'blocked');
    assert.match(tested.json.hint, /"public_only": false/);
    const pinged = await server.call('POST', '/ping');
    assert.match(pinged.json.failed_webhooks[0].error, /the endpoint takes public receivers only/);
    assert.equal(receiver.started, 0);
    await v1.patch(endpoint.id, { public_only: false });
    assert.equal((await server.call('POST', `/v1/endpoints/${endpoint.id}/test`)).json.succeeded, true);
    await server.call('DELETE', `/v1/endpoints/${endpoint.id}`);
    receiver.started = 0;
  }
  const refused = await server.call('POST', '/v1/endpoints',
    { url: receiver.url(), events: ['*'], public_only: true });
  assert.deepEqual([refused.status, refused.json.errors[0].pointer], [422, '/url']);
});

test('no spelling of a path of /v1 lets a page of another origin or a rebound name in', async (t) => {
  const server = await startServer(t);
  for (const path of ['/%761/endpoints', '/v1%2Fendpoints', '/v%31/event-types']) {
    assert.equal((await server.call('GET', path, undefined, { origin: 'https://evil.example' })).status, 403, path);
    assert.equal((await server.call('GET', path, undefined, { host: 'evil.example' })).status, 421, path);
  }
});

test('a preflight of any path is answered, so that the page reads the real status', async (t) => {
  const server = await startServer(t);
  const asks = { origin: 'https://shop.example', 'access-control-request-method': 'POST' };
  for (const [path, status] of [['/users/', 307], ['/nope', 404], ['/webhooks', 405]]) {
    const preflight = await server.call('OPTIONS', path, undefined, asks);
    assert.equal(preflight.status, 204, path);
    assert.equal(preflight.headers['access-control-allow-origin'], '*', path);
    assert.match(preflight.headers['access-control-allow-methods'], /POST/, path);
    const real = await server.call('POST', path, {}, { origin: asks.origin });
    assert.deepEqual([real.status, real.headers['access-control-allow-origin']], [status, '*'], path);
  }
});

test('the documents name the host that was asked, and a host that is not ours is told the way out', async (t) => {
  const server = await startServer(t, PUBLIC);
  const { port } = new URL(server.url);
  for (const host of [`10.0.0.5:${port}`, `exposee.internal:${port}`, `[::1]:${port}`]) {
    const openapi = await server.call('GET', '/openapi.json', undefined, { host });
    assert.equal(openapi.json.servers[0].url, `http://${host}`);
    const postman = await server.call('GET', '/postman.json', undefined, { host });
    assert.equal(postman.json.variable.find(({ key }) => key === 'baseUrl').value, `http://${host}`);
  }
  const strange = await server.call('GET', '/openapi.json', undefined, { host: 'evil.example' });
  assert.equal(strange.json.servers[0].url, `http://127.0.0.1:${port}`);
  const odd = await server.call('GET', '/openapi.json', undefined, { host: 'a"b' });
  assert.doesNotMatch(odd.text, /a\\"b/, 'a host that is not plain is not named');
  const forwarded = await server.call('GET', '/openapi.json', undefined,
    { host: `10.0.0.5:${port}`, 'x-forwarded-host': 'evil.example', 'x-forwarded-prefix': '/x' });
  assert.equal(forwarded.json.servers[0].url, `http://10.0.0.5:${port}`);
  const alone = await startServer(t);
  const unknown = await alone.call('GET', '/v1/endpoints', undefined, { host: 'exposee.local' });
  assert.equal(unknown.status, 421);
  assert.match(unknown.json.hint, /address printed at startup, or set server\.public_url to this name/);
});
