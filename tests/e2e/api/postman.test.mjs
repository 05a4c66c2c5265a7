// What people import: the Postman collection runs top to bottom on an empty server, and the OpenAPI says what is true.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { promisify } from 'node:util';
import newman from 'newman';

import { startServer } from '../lib/server.mjs';

const CONTRACT = { '/webhook': ['post', 'delete'], '/webhooks': ['get'], '/ping': ['post'], '/users': ['get', 'post'],
  '/users/messages': ['get', 'post'] };

test('the Postman collection passes newman top to bottom, twice on one server, with endpoints of all events there too', async (t) => {
  const server = await startServer(t);
  for (const name of ['first', 'second']) {
    const body = { url: `http://127.0.0.1:59997/${name}`, events: ['*'] };
    assert.equal((await server.call('POST', '/v1/endpoints', body)).status, 201);
  }
  const collection = (await server.call('GET', '/postman.json')).json;
  assert.match(collection.info.schema, /collection\/v2\.1\.0/);
  const types = (await server.call('GET', '/v1/event-types')).text;
  for (const time of ['first', 'second']) {
    await runs(t, collection, time);
    assert.equal((await server.call('GET', '/v1/endpoints')).json.data.length, 2, 'its own endpoints are gone');
    assert.equal((await server.call('GET', '/v1/event-types')).text, types, 'its own event types are gone');
  }
});

async function runs(t, collection, time) {
  const summary = await promisify(newman.run)({ collection, reporters: [], timeoutRequest: 30_000 });
  const failures = summary.run.failures.map((failure) => `${failure.source?.name}: ${failure.error.message}`);
  assert.deepEqual(failures, [], `the ${time} time`);
  const { requests, assertions } = summary.run.stats;
  t.diagnostic(`${requests.total} requests, ${assertions.total} assertions`);
  assert.ok(requests.total >= 8 && assertions.total >= requests.total, 'every request is checked');
  assert.equal(requests.failed, 0);
  for (const { response } of summary.run.executions) assert.ok(response.code < 500);
}

test('the collection covers all eight calls of the contract and says where the server is', async (t) => {
  const server = await startServer(t);
  const collection = (await server.call('GET', '/postman.json')).json;
  const requests = [...requestsOf(collection)];
  for (const [path, methods] of Object.entries(CONTRACT)) {
    for (const method of methods) {
      const found = requests.some((request) => request.method.toLowerCase() === method &&
        pathOf(request.url) === path);
      assert.ok(found, `${method} ${path}`);
    }
  }
  assert.ok(JSON.stringify(collection).includes(new URL(server.url).host), 'works without choosing an environment');
});

function* requestsOf(item) {
  if (item.request) yield item.request;
  for (const child of item.item ?? []) yield* requestsOf(child);
}

function pathOf(url) {
  const raw = typeof url === 'string' ? url : url.raw;
  return raw.replace(/^\{\{[^}]+\}\}/, '').replace(/^https?:\/\/[^/]+/, '').split('?')[0];
}

test('the OpenAPI description is 3.1, whole, and describes what is sent', async (t) => {
  const server = await startServer(t);
  const answer = await server.call('GET', '/openapi.json');
  assert.match(answer.headers['content-type'], /^application\/json/);
  const api = answer.json;
  assert.match(api.openapi, /^3\.1\./);
  assert.equal(typeof api.info.version, 'string');
  assert.equal(new URL(api.servers[0].url).host, new URL(server.url).host, 'an absolute server URL');
  for (const [path, methods] of Object.entries(CONTRACT)) {
    for (const method of methods) assert.ok(api.paths[path]?.[method], `${method} ${path}`);
  }
  assert.ok(api.paths['/webhook'].delete.requestBody, 'DELETE carries a body');
  for (const event of ['user_registered', 'user_send_message']) {
    const operation = api.webhooks[event]?.post;
    assert.ok(operation?.requestBody?.content?.['application/json']?.schema, `the payload of ${event}`);
  }
});

test('every reference resolves, and every operation has an id, answers and its path parameters', async (t) => {
  const server = await startServer(t);
  const api = (await server.call('GET', '/openapi.json')).json;
  for (const reference of referencesOf(api)) {
    assert.match(reference, /^#\//);
    assert.ok(resolve(api, reference), reference);
  }
  const ids = new Set();
  for (const [path, method, operation] of operationsOf(api)) {
    const name = `${method} ${path}`;
    assert.ok(operation.operationId && !ids.has(operation.operationId), `${name}: ${operation.operationId}`);
    ids.add(operation.operationId);
    assert.ok(operation.summary, name);
    assert.ok(Object.keys(operation.responses).length > 0, name);
    const declared = [...(api.paths[path].parameters ?? []), ...(operation.parameters ?? [])]
      .map((parameter) => (parameter.$ref ? resolve(api, parameter.$ref) : parameter))
      .filter((parameter) => parameter.in === 'path').map((parameter) => parameter.name);
    assert.deepEqual([...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]).sort(), declared.sort(), name);
  }
});

test('every documented path dispatches: what the table prints, the server knows', async (t) => {
  const server = await startServer(t);
  const api = (await server.call('GET', '/openapi.json')).json;
  for (const [path, method] of operationsOf(api)) {
    const answer = await server.call('OPTIONS', path.replaceAll(/\{\w+\}/g, 'x'));
    const allowed = (answer.headers.allow ?? '').toLowerCase();
    assert.ok(allowed.split(/\s*,\s*/).includes(method), `${method} ${path}: Allow: ${allowed}`);
  }
});

// RFC 6901 section 4.
function resolve(api, reference) {
  const keys = reference.slice('#/'.length).split('/').map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
  return keys.reduce((node, key) => node?.[key], api);
}

function* referencesOf(node) {
  if (node === null || typeof node !== 'object') return;
  if (typeof node.$ref === 'string') yield node.$ref;
  for (const child of Object.values(node)) yield* referencesOf(child);
}

function* operationsOf(api) {
  for (const [path, item] of Object.entries(api.paths)) {
    for (const method of ['get', 'put', 'post', 'delete', 'patch']) {
      if (item[method]) yield [path, method, item[method]];
    }
  }
}
