// The OpenAPI itself, imported into Postman with its examples ("Parameter generation: Example"): every request works with
// what the importer fills in. Only ids, which cannot be guessed, are put in by hand.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { promisify } from 'node:util';
import newman from 'newman';
import postman from 'openapi-to-postmanv2';

import { OK, startReceiver } from '../lib/receiver.mjs';
import { startServer } from '../lib/server.mjs';
import { V1 } from '../lib/v1.mjs';

const EXTRA_PARAMETERS = ['idempotency-key', 'if-match'];  // headers that the importer sends without being asked

test('the OpenAPI imports into Postman, and every request of it is taken as imported', async (t) => {
  const server = await startServer(t);
  const collection = await imported(server);
  const requests = [...requestsOf(collection)];
  assert.ok(requests.length >= 24, `${requests.length} requests`);
  await fillIds(t, server, requests);
  assert.equal((await server.call('POST', '/users', { username: 'bob' })).status, 200);
  const summary = await promisify(newman.run)({ collection, reporters: [], timeoutRequest: 30_000 });
  for (const { item, response } of summary.run.executions) {
    assert.ok(response?.code >= 200 && response.code < 300, `${item.name}: ${response?.code} ${response?.text()}`);
  }
  assert.equal(summary.run.executions.length, requests.length);
});

for (const parametersResolution of ['Example', 'Schema']) {
  test(`what the importer fills in for optional parameters (${parametersResolution}) means what leaving them out means`,
    async (t) => { onlyHarmless(await imported(await startServer(t), { parametersResolution })); });
}

function onlyHarmless(collection) {
  let headers = 0;
  for (const { name, request } of requestsOf(collection)) {
    for (const { key, value } of [...(request.header ?? []), ...(request.url.query ?? [])]) {
      assert.doesNotMatch(String(value), /^<.*>$/, `${name}: ${key}`);
      if (!EXTRA_PARAMETERS.includes(key.toLowerCase())) continue;
      headers += 1;
      assert.equal(value, '', `${name}: ${key}`);
    }
  }
  assert.ok(headers >= 6, `${headers} headers`);
}

async function imported(server, options = { parametersResolution: 'Example' }) {
  const data = (await server.call('GET', '/openapi.json')).text;
  const { result, reason, output } = await promisify(postman.convertV2)({ type: 'string', data }, options);
  assert.ok(result, reason);
  return output[0].data;
}

function* requestsOf(item) {
  if (item.request) yield item;
  for (const child of item.item ?? []) yield* requestsOf(child);
}

// A fresh endpoint for each request that names one, because one of them removes it.
async function fillIds(t, server, requests) {
  const v1 = new V1(server);
  const receiver = await startReceiver(t);
  const delivered = await v1.endpoint(receiver.script('/delivered', OK), ['user_registered']);
  const event = await v1.publish('user_registered', {});
  const delivery = await v1.settled(event.id, delivered.id, 'succeeded');
  for (const [n, { request }] of requests.entries()) {
    const [variable] = request.url.variable ?? [];
    if (!variable) continue;
    const kind = request.url.path[1];
    if (kind === 'event-types') continue;  // the one that is declared before
    if (kind === 'endpoints') variable.value = (await v1.endpoint(receiver.url(`/${n}`), ['other.*'])).id;
    else variable.value = kind === 'events' ? event.id : delivery.id;
  }
}
