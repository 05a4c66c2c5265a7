// Hostile and odd URLs by the ten thousand through the contract's calls: each is refused, or listed as a text that reads back
// as itself, survives a restart and unregisters. The server never ends.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { seededRandom } from '../lib/random.mjs';
import { startServer } from '../lib/server.mjs';

const URLS = 10_000;
const AT_A_TIME = 50; // calls under way, so that ten thousand take seconds
const EVENT = 'user_registered';
const SCHEMES = ['http://', 'https://', 'HTTP://', 'hTTps:', 'http:/', 'http:////', 'ftp://', 'http:\\\\'];
const HOSTS = ['a', 'EXAMPLE.com', 'bücher.example', 'xn--bcher-kva.example', '127.0.0.1', '0x7f.1', '[::1]', 'h.',
  '[2001:DB8::0:1]', 'user@h', '☃.example', '%61', 'h..x', 'faß.example', 'pr--12.xn--bcher-kva.example', ''];
const PORTS = ['', '', '', ':80', ':443', ':', ':8080', ':0', ':6379', ':65536'];
const PIECES = ['/', '//', '?', '?q=', '/..', '/.', '/%2e%2E/x', '%7E', '%', 'ä', '"', '\'', '{}', '`', '|', '^', '[]', ';a=1',
  '&b', '\\', '#', ' ', '\t', '\u0000', '\u{10FFFF}', 'e\u0301'];

function oddUrl(random) {
  const pick = (from) => from[random.below(from.length)];
  let url = pick(SCHEMES) + pick(HOSTS) + pick(PORTS);
  for (let n = random.below(8); n > 0; n -= 1) {
    url += random.below(6) === 0 ? pick(['a', '"', '\'', 'ä']).repeat(random.below(2_200)) : pick(PIECES);
  }
  return url;
}

async function forEach(values, act) {
  for (let i = 0; i < values.length; i += AT_A_TIME) await Promise.all(values.slice(i, i + AT_A_TIME).map(act));
}

const listed = async (server) => (await server.call('GET', '/webhooks')).json.webhooks.find((e) => e.event === EVENT).urls;

test('a URL that grows past the limit in its normal form is refused, and the server goes on', async (t) => {
  const server = await startServer(t);
  const grows = `http://h?${'a'.repeat(2_074)}`;
  const answer = await server.call('POST', '/webhook', { event: EVENT, url: grows });
  assert.equal(answer.status, 422);
  assert.equal(answer.json.detail[0].type, 'url_too_long');
  assert.equal((await server.call('POST', '/v1/endpoints', { url: grows, events: ['*'] })).status, 422);
  assert.equal((await server.call('POST', '/webhook', { event: EVENT, url: grows.slice(0, -1) })).status, 200);
  await server.stop();
  await server.start();
  assert.deepEqual(await listed(server), [`http://h/?${'a'.repeat(2_073)}`]);
});

test('each URL is refused, or reads back as itself, survives a restart and unregisters', async (t) => {
  const random = seededRandom(t);
  const server = await startServer(t);
  const accepted = new Set();
  await forEach(Array.from({ length: URLS }, () => oddUrl(random)), async (url) => {
    const { status, json } = await server.call('POST', '/webhook', { event: EVENT, url });
    assert.ok([200, 400, 422].includes(status), `${status} for ${JSON.stringify(url)}`);
    if (status === 200) accepted.add(json.url);
  });
  t.diagnostic(`${accepted.size} accepted`);
  assert.ok(accepted.size > 300);
  for (const end of ['stop', 'kill']) {
    await server[end]();
    await server.start();
    assert.deepEqual(new Set(await listed(server)), accepted);
  }
  await forEach([...accepted], async (url) => {
    assert.equal((await server.call('POST', '/webhook', { event: EVENT, url })).status, 400, url);
    assert.equal((await server.call('DELETE', '/webhook', { event: EVENT, url })).status, 204, url);
  });
  assert.deepEqual(await listed(server), []);
});
