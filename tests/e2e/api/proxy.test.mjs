// Behind a proxy that serves everything below a path and takes that path off: every reference that the server makes to
// itself leads back through the proxy, with no setting at all where it can be relative, and by server.public_url where
// it must be a whole URL.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { promisify } from 'node:util';
import newman from 'newman';

import { startProxy } from '../lib/proxy.mjs';
import { startServer } from '../lib/server.mjs';

const PREFIX = '/hooks';
const JSON_TYPE = { 'content-type': 'application/json' };
const UNHEARD = 'http://127.0.0.1:59997/hook';  // nobody listens there

// The server bound to a free port, whatever its public URL is, behind a proxy.
async function startBehind(t, { settings = {}, publicUrl = false, ...how } = {}) {
  const behind = {};
  const proxy = await startProxy(t, () => behind.local, { prefix: PREFIX, ...how });
  const server = await startServer(t,
    { settings: { ...settings, ...(publicUrl && { 'server.public_url': proxy.url }) } });
  const [ready] = server.logged('ready');
  behind.local = `http://${ready.listen}`;
  return { proxy, server, local: behind.local };
}

const post = (url, body, headers = {}) =>
  fetch(url, { method: 'POST', body: JSON.stringify(body), headers: { ...JSON_TYPE, ...headers } });

for (const passHost of [true, false]) {
  test(`redirects, Location and Link lead back through the proxy, ${passHost ? 'its' : 'our'} Host`, async (t) => {
    const { proxy } = await startBehind(t, { passHost });
    for (const [from, to] of [['/', '/docs'], ['/docs/', '/docs'], ['/webhooks/?event_filter=', '/webhooks?event_filter='],
      ['/v1/endpoints/', '/v1/endpoints']]) {
      const answer = await fetch(proxy.url + from);
      assert.deepEqual([answer.status, answer.url], [200, proxy.url + to]);
    }
    for (const n of [1, 2]) {
      const created = await post(`${proxy.url}/v1/endpoints`, { url: UNHEARD + n, events: ['*'] });
      const shown = await fetch(new URL(created.headers.get('location'), created.url));
      assert.deepEqual([created.status, shown.status, (await shown.json()).id], [201, 200, (await created.json()).id]);
    }
    const published = await post(`${proxy.url}/v1/events`, { event: 'user_registered', data: {} });
    assert.equal((await fetch(new URL(published.headers.get('location'), published.url))).status, 200);
    const page = await fetch(`${proxy.url}/v1/endpoints?limit=1`);
    const [, next] = page.headers.get('link').match(/^<([^>]+)>; rel="next"$/);
    const rest = await (await fetch(new URL(next, page.url))).json();
    assert.deepEqual(rest.data.map((row) => row.url), [`${UNHEARD}2`]);
    assert.deepEqual(proxy.strays, []);
  });
}

test('with public_url the documents name it, and the Postman collection runs through the proxy', async (t) => {
  const settings = { 'security.allow_private': 'true' };  // the collection registers a loopback port
  const { proxy, local } = await startBehind(t, { publicUrl: true, settings, passHost: false });
  for (const asked of [proxy.url, local]) {
    const openapi = await (await fetch(`${asked}/openapi.json`)).json();
    assert.equal(openapi.servers[0].url, proxy.url);
  }
  const collection = await (await fetch(`${proxy.url}/postman.json`)).json();
  const summary = await promisify(newman.run)({ collection, reporters: [], timeoutRequest: 30_000 });
  assert.deepEqual(summary.run.failures.map((failure) => `${failure.source?.name}: ${failure.error.message}`), []);
  assert.ok(summary.run.executions.length >= 30);
  assert.deepEqual(proxy.strays, []);
});

test('with public_url its path leads to the start page, with and without a slash at its end', async (t) => {
  for (const passHost of [true, false]) {
    const { proxy } = await startBehind(t, { publicUrl: true, passHost });
    for (const [from, to] of [['', '/docs'], ['/', '/docs'], ['/docs/', '/docs'], ['/v1/endpoints/', '/v1/endpoints']]) {
      const answer = await fetch(proxy.url + from);
      assert.deepEqual([answer.status, answer.url], [200, proxy.url + to], from);
    }
    assert.deepEqual(proxy.strays, []);
  }
});

test('with public_url its pages are own pages, also when the proxy rewrites Host', async (t) => {
  const { proxy } = await startBehind(t, { publicUrl: true, passHost: false });
  const { origin } = new URL(proxy.url);
  for (const [from, status] of [[origin, 200], ['https://evil.example', 403], ['null', 403]]) {
    const answer = await fetch(`${proxy.url}/v1/endpoints`, { headers: { origin: from } });
    assert.equal(answer.status, status, from);
  }
});
