// The first rooms of /v1: event types, endpoints, events with Idempotency-Key, deliveries and their attempts.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Webhook } from 'standardwebhooks';

import { OK, startReceiver, status } from '../lib/receiver.mjs';
import { startServer } from '../lib/server.mjs';
import { moment, until } from '../lib/time.mjs';
import { V1 } from '../lib/v1.mjs';

const UNHEARD = 'http://127.0.0.1:59997/unheard';
const RFC3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)$/;
const id = (prefix) => new RegExp(`^${prefix}_[0-9a-hjkmnp-tv-z]{26}$`);

async function started(t) {
  const server = await startServer(t);
  return { server, v1: new V1(server) };
}

// RFC 9457 with a machine's word and a person's hint.
function assertProblem(answer, code) {
  assert.equal(answer.status, code, answer.text);
  assert.match(answer.headers['content-type'], /^application\/problem\+json/);
  assert.equal(answer.json.status, code);
  for (const member of ['type', 'title', 'code']) assert.equal(typeof answer.json[member], 'string', answer.text);
}

test('an event type is declared once, listed after the two of the contract, and survives a restart', async (t) => {
  const { server, v1 } = await started(t);
  const declared = await v1.declare('order.paid', 'An order was paid');
  assert.equal(declared.name, 'order.paid');
  assert.equal(declared.description, 'An order was paid');
  assertProblem(await server.call('POST', '/v1/event-types', { name: 'order.paid' }), 409);
  for (const name of ['', 'Upper', 'a..b', 'a b', '.a', 'a.', 'a*', 'ä', 'x'.repeat(129)]) {
    assertProblem(await server.call('POST', '/v1/event-types', { name }), 422);
  }
  await server.kill();
  await server.start();
  const { data } = (await server.call('GET', '/v1/event-types')).json;
  assert.deepEqual(data.map((type) => type.name), ['user_registered', 'user_send_message', 'order.paid']);
});

test("a declared type whose name is an identifier works through the contract's calls", async (t) => {
  const { server, v1 } = await started(t);
  const receiver = await startReceiver(t);
  await v1.declare('order_paid');
  const answer = await server.call('POST', '/webhook', { event: 'ORDER_PAID', url: receiver.url() });
  assert.deepEqual([answer.status, answer.json.event], [200, 'order_paid']);
  assert.deepEqual((await server.call('GET', '/webhooks')).json.webhooks.map((entry) => entry.event),
    ['user_registered', 'user_send_message', 'order_paid']);
  const report = (await server.call('POST', '/ping?event_filter=order_paid', { x: 1 })).json;
  assert.equal(report.successful_webhooks_count, 1);
  await v1.publish('order_paid', { order: 7 });
  const [, sent] = await receiver.waitFor('/hook', 2);
  assert.deepEqual(JSON.parse(sent.body).data, { order: 7 });
});

test('an endpoint is created, shown, listed, changed and removed', async (t) => {
  const { server, v1 } = await started(t);
  await v1.declare('order.paid');
  const created = await v1.endpoint('HTTP://127.0.0.1:59997', ['order.paid'], { description: 'shop' });
  assert.match(created.id, id('ep'));
  assert.equal(created.url, 'http://127.0.0.1:59997/');
  assert.match(created.secret, /^whsec_/);
  assert.match(created.created_at, RFC3339);
  const { secret, undeclared, ...visible } = created;
  assert.deepEqual(undeclared, []);
  assert.deepEqual(await v1.showEndpoint(created.id), visible, 'all but the secret');
  assert.deepEqual((await server.call('GET', '/v1/endpoints')).json.data, [visible]);
  assert.equal((await server.call('GET', `/v1/endpoints/${created.id}/secret`)).json.secret, secret);

  const change = { description: 'new', events: ['user_registered', 'order.*'], timeout_ms: 5_000, schedule_ms: [1_000],
    paused: true };
  const { undeclared: unknown, ...changed } = await v1.patch(created.id, change);
  assert.deepEqual(unknown, [], 'user_registered is declared, and order.* is not a name');
  for (const [name, value] of Object.entries(change)) assert.deepEqual(changed[name], value, name);
  assert.equal(changed.status, 'paused');
  assert.deepEqual(await v1.showEndpoint(created.id), changed);
  await server.kill();
  await server.start();
  assert.deepEqual(await v1.showEndpoint(created.id), changed, 'also after a kill');

  assert.equal((await server.call('DELETE', `/v1/endpoints/${created.id}`)).status, 204);
  assertProblem(await server.call('GET', `/v1/endpoints/${created.id}`), 404);
  assertProblem(await server.call('DELETE', `/v1/endpoints/${created.id}`), 404);
  assert.deepEqual((await server.call('GET', '/v1/endpoints')).json.data, []);
});

test('of many changes made to the same state of an endpoint at once, one happens', async (t) => {
  const { server, v1 } = await started(t);
  const path = `/v1/endpoints/${(await v1.endpoint(UNHEARD, ['*'])).id}`;
  const { etag } = (await server.call('GET', path)).headers;
  const changes = await Promise.all(Array.from({ length: 12 }, (_, i) =>
    server.call('PATCH', path, { description: `change ${i}` }, { 'if-match': etag })));
  const made = changes.filter(({ status }) => status === 200);
  assert.equal(made.length, 1);
  for (const lost of changes) if (lost !== made[0]) assertProblem(lost, 412);
  const now = await server.call('GET', path);
  const { undeclared, ...change } = made[0].json;
  assert.deepEqual([undeclared, now.json, now.headers.etag], [[], change, made[0].headers.etag]);
});

test('a resource has an ETag, and a list says where its next page is', async (t) => {
  const { server, v1 } = await started(t);
  const endpoint = await v1.endpoint(UNHEARD, ['*']);
  const first = await server.call('GET', `/v1/endpoints/${endpoint.id}`);
  const same = await server.call('GET', `/v1/endpoints/${endpoint.id}`, undefined,
    { 'if-none-match': first.headers.etag });
  assert.deepEqual([same.status, same.text], [304, '']);
  await v1.patch(endpoint.id, { description: 'changed' });
  const changed = await server.call('GET', `/v1/endpoints/${endpoint.id}`, undefined,
    { 'if-none-match': first.headers.etag });
  assert.equal(changed.status, 200);
  await v1.endpoint(`${UNHEARD}/2`, ['*']);
  const page = await server.call('GET', '/v1/endpoints?limit=1');
  const [, next] = page.headers.link.match(/^<([^>]+)>; rel="next"$/);
  const { pathname, search } = new URL(next, `${server.url}/v1/endpoints?limit=1`);  // relative to what was asked
  const rest = (await server.call('GET', pathname + search)).json;
  assert.deepEqual([rest.data.map((row) => row.url), rest.has_more, rest.next_cursor], [[`${UNHEARD}/2`], false, null]);
});

test('an event that no endpoint is subscribed to is found in the list of events', async (t) => {
  const { server, v1 } = await started(t);
  await v1.declare('order.paid');
  const made = await v1.endpoint(UNHEARD, ['orderr.paid']);
  assert.deepEqual(made.undeclared, ['orderr.paid']);
  const event = await v1.publish('order.paid', { order: 7 });
  const { data } = (await server.call('GET', '/v1/events?event=order.paid')).json;
  assert.deepEqual(data.map(({ id, event: name, deliveries }) => [id, name, deliveries]), [[event.id, 'order.paid', 0]]);
});

test('what an endpoint cannot be is refused by a problem that names the member', async (t) => {
  const { server, v1 } = await started(t);
  const { id: endpointId } = await v1.endpoint(UNHEARD, ['*']);
  assertProblem(await server.call('POST', '/v1/endpoints', { url: UNHEARD, events: ['*'] }), 409);
  const rows = [
    [{ events: ['*'] }, 'url'], [{ url: 'nope', events: ['*'] }, 'url'],
    [{ url: 'http://user@a.example/', events: ['*'] }, 'url'],
    [{ url: 'http://a.example/' }, 'events'], [{ url: 'http://a.example/', events: 'x' }, 'events'],
    [{ url: 'http://a.example/', events: ['a*b'] }, 'events'],
    [{ url: 'http://a.example/', events: ['*'], timeout_ms: 50 }, 'timeout_ms'],
    [{ url: 'http://a.example/', events: ['*'], timeout_ms: 31_000 }, 'timeout_ms'],
    [{ url: 'http://a.example/', events: ['*'], schedule_ms: [-1] }, 'schedule_ms'],
    [{ url: 'http://a.example/', events: ['*'], schedule_ms: [32 * 86_400_000] }, 'schedule_ms'],
    [{ url: 'http://a.example/', events: ['*'], paused: 'yes' }, 'paused'],
  ];
  for (const [body, member] of rows) {
    const answer = await server.call('POST', '/v1/endpoints', body);
    assertProblem(answer, 422);
    assert.ok(answer.json.errors.some((error) => error.pointer.includes(`/${member}`)),
      `${JSON.stringify(body)} -> ${answer.text}`);
  }
  assertProblem(await server.call('PATCH', `/v1/endpoints/${endpointId}`, { timeout_ms: 'long' }), 422);
  assertProblem(await server.call('PATCH', '/v1/endpoints/ep_00000000000000000000000000', {}), 404);
  assertProblem(await server.call('GET', '/v1/endpoints/nonsense'), 404);
});

test('patterns subscribe to what they match, also to types declared later', async (t) => {
  const { v1 } = await started(t);
  const receiver = await startReceiver(t);
  await v1.endpoint(receiver.url('/all'), ['*']);
  await v1.endpoint(receiver.url('/orders'), ['order.*']);
  await v1.declare('order.paid');
  await v1.declare('orders');
  assert.equal((await v1.publish('order.paid', {})).deliveries, 2);
  assert.equal((await v1.publish('orders', {})).deliveries, 1);
  await receiver.waitFor('/all', 2);
  assert.equal((await receiver.waitFor('/orders', 1)).length, 1);
});

test('a paused endpoint is owed its events and gets them when it goes on', async (t) => {
  const { v1 } = await started(t);
  const receiver = await startReceiver(t);
  const { id: endpointId } = await v1.endpoint(receiver.url(), ['user_registered'], { paused: true });
  const event = await v1.publish('user_registered', { username: 'x' });
  assert.equal(event.deliveries, 1);
  await moment(200);
  assert.equal(receiver.count('/hook'), 0);
  await v1.patch(endpointId, { paused: false });
  await v1.settled(event.id, endpointId, 'succeeded');
});

test('a test event goes to its endpoint alone and is signed like any other', async (t) => {
  const { server, v1 } = await started(t);
  const receiver = await startReceiver(t);
  const endpoint = await v1.endpoint(receiver.url('/one'), ['user_registered']);
  await v1.endpoint(receiver.url('/two'), ['*']);
  const answer = await server.call('POST', `/v1/endpoints/${endpoint.id}/test`);
  assert.equal(Math.floor(answer.status / 100), 2, answer.text);
  const [sent] = await receiver.waitFor('/one', 1);
  new Webhook(endpoint.secret).verify(sent.body.toString('utf8'), sent.headers);
  assert.equal(receiver.count('/two'), 0);
});

test('a published event answers with its id and what it owes, and can be read again', async (t) => {
  const { server, v1 } = await started(t);
  await v1.endpoint(UNHEARD, ['user_registered']);
  const published = await v1.publish('user_registered', { username: 'x', big: 1 });
  assert.match(published.id, id('evt'));
  assert.equal(published.deliveries, 1);
  const { json: shown } = await server.call('GET', `/v1/events/${published.id}`);
  assert.deepEqual([shown.id, shown.event, shown.data], [published.id, 'user_registered', { username: 'x', big: 1 }]);
  assertProblem(await server.call('GET', '/v1/events/evt_00000000000000000000000000'), 404);
  assertProblem(await server.call('GET', '/v1/events/nonsense'), 404);
  const refused = [[{ event: 'unknown', data: {} }, 404], [{ data: {} }, 422], [{ event: 'user_registered' }, 422],
    [{ event: 5, data: {} }, 422], ['[]', 422], ['{', 400], ['', 400]];
  for (const [body, code] of refused) assertProblem(await server.call('POST', '/v1/events', body), code);
});

test('the same Idempotency-Key and body give the stored answer and one event, also over a kill -9', async (t) => {
  const { server, v1 } = await started(t);
  const receiver = await startReceiver(t);
  await v1.endpoint(receiver.url(), ['user_registered']);
  const key = { 'idempotency-key': 'order-7' };
  const body = { event: 'user_registered', data: { n: 7 } };
  const first = await server.call('POST', '/v1/events', body, key);
  assert.equal(first.status, 202);
  const again = async () => {
    const answer = await server.call('POST', '/v1/events', body, key);
    assert.deepEqual([answer.status, answer.text], [first.status, first.text]);
  };
  await again();
  await receiver.waitFor('/hook', 1);
  await server.kill();
  await server.start();
  await again();
  assertProblem(await server.call('POST', '/v1/events', { ...body, data: { n: 8 } }, key), 422);
  const other = await server.call('POST', '/v1/events', body, { 'idempotency-key': 'order-8' });
  assert.notEqual(other.json.id, first.json.id);
  await until(() => new Set(receiver.records.map((record) => record.headers['webhook-id'])).size === 2);
  assert.equal((await v1.deliveries()).length, 2);
});

test('many posts of one Idempotency-Key at once make one event', async (t) => {
  const { server, v1 } = await started(t);
  await v1.endpoint(UNHEARD, ['user_registered']);
  const post = () => server.call('POST', '/v1/events', { event: 'user_registered', data: {} },
    { 'idempotency-key': 'one' });
  const answers = await Promise.all(Array.from({ length: 20 }, post));
  for (const answer of answers) assert.deepEqual([answer.status, answer.text], [202, answers[0].text]);
  const replayed = answers.filter(({ headers }) => headers['idempotency-replayed'] === 'true');
  assert.equal(replayed.length, answers.length - 1, 'one is the first, the others repeat it');
  assert.equal((await v1.deliveries()).length, 1);
});

test('a retry under a key happens once; a test delivery, which creates nothing, takes no key', async (t) => {
  const { server, v1 } = await started(t);
  const receiver = await startReceiver(t);
  const endpoint = await v1.endpoint(receiver.script('/hook', OK), ['user_registered']);
  const event = await v1.publish('user_registered', {});
  const delivery = await v1.settled(event.id, endpoint.id, 'succeeded');
  const post = (path) => server.call('POST', path, undefined, { 'idempotency-key': 'k' });
  const retries = [await post(`/v1/deliveries/${delivery.id}/retry`)];
  await receiver.waitFor('/hook', 2);
  retries.push(await post(`/v1/deliveries/${delivery.id}/retry`));
  assert.deepEqual([retries[1].status, retries[1].text], [202, retries[0].text]);
  const tests = [await post(`/v1/endpoints/${endpoint.id}/test`), await post(`/v1/endpoints/${endpoint.id}/test`)];
  assert.notEqual(tests[0].json.request.message_id, tests[1].json.request.message_id);
  assert.equal(receiver.count('/hook'), 4, 'a delivery, its one retry, two tests');
});

test('an Idempotency-Key holds for the other creating calls too', async (t) => {
  const { server } = await started(t);
  assert.equal((await server.call('POST', '/users', { username: 'bob' })).status, 200);
  const rows = [['/users', { username: 'alice' }],
    ['/users/messages', { sender: 'alice', recipient: 'bob', subject: 's', message: 'm' }], ['/webhook', { event: 'user_registered', url: UNHEARD }],
    ['/v1/event-types', { name: 'order.paid' }], ['/v1/endpoints', { url: `${UNHEARD}/2`, events: ['*'] }]];
  for (const [path, body] of rows) {
    const post = () => server.call('POST', path, body, { 'idempotency-key': 'k1' });
    const [first, second] = [await post(), await post()];
    assert.equal(Math.floor(first.status / 100), 2, `${path} ${first.text}`);
    assert.deepEqual([second.status, second.text], [first.status, first.text], path);
  }
});

// One endpoint that succeeds and one that fails for good, with three events each.
async function deliveriesScene(t) {
  const { server, v1 } = await started(t);
  const receiver = await startReceiver(t);
  await v1.declare('order.paid');
  const good = await v1.endpoint(receiver.url('/good'), ['*'], { schedule_ms: [100] });
  const bad = await v1.endpoint(receiver.script('/bad', status(500, {}, 'db locked'), status(500), status(500), OK),
    ['order.paid'], { schedule_ms: [] });
  const events = [];
  for (const type of ['user_registered', 'order.paid', 'order.paid', 'order.paid']) {
    const event = await v1.publish(type, {});
    await v1.settled(event.id, good.id, 'succeeded');
    if (type === 'order.paid') await v1.settled(event.id, bad.id, 'exhausted');
    events.push(event);
  }
  return { server, v1, receiver, good, bad, events };
}

test('deliveries are listed newest first and filtered by everything that is promised', async (t) => {
  const { v1, server, good, bad, events } = await deliveriesScene(t);
  const all = await v1.deliveries();
  assert.equal(all.length, 7);
  const order = all.map((delivery) => events.findIndex((event) => event.id === delivery.event_id));
  assert.deepEqual(order, [...order].sort((a, b) => b - a));
  const middle = all.find((delivery) => delivery.event_id === events[2].id).created_at;
  const rows = [
    [{ status: 'exhausted' }, 3], [{ status: 'succeeded' }, 4], [{ status: 'pending' }, 0], [{ endpoint: bad.id }, 3],
    [{ endpoint: good.id, status: 'exhausted' }, 0], [{ event: events[1].id }, 2], [{ event: 'order.paid' }, 6],
    [{ cause: 'http' }, 3], [{ cause: 'dns' }, 0], [{ since: middle }, 4], [{ until: middle }, 3],
  ];
  for (const [filter, count] of rows) assert.equal((await v1.deliveries(filter)).length, count, JSON.stringify(filter));
  for (const query of ['status=lost', 'cause=x', 'since=yesterday', 'limit=0', 'limit=x', 'cursor=nonsense']) {
    assertProblem(await server.call('GET', `/v1/deliveries?${query}`), 422);
  }
});

test('a cursor walks through all deliveries once, whatever is added meanwhile', async (t) => {
  const { v1, server, events } = await deliveriesScene(t);
  const seen = [];
  let target = '/v1/deliveries?limit=2';
  while (target) {
    const page = (await server.call('GET', target)).json;
    seen.push(...page.data.map((delivery) => delivery.id));
    if (seen.length === 2) await v1.publish('user_registered', {});
    target = page.has_more ? `/v1/deliveries?limit=2&cursor=${encodeURIComponent(page.next_cursor)}` : undefined;
  }
  assert.equal(seen.length, 7);
  assert.equal(new Set(seen).size, 7);
  assert.equal(events.length, 4);
});

test('a delivery shows its attempts, and retrying it adds one', async (t) => {
  const { v1, server, bad, events, receiver } = await deliveriesScene(t);
  const delivery = await v1.deliveryOf(events[1].id, bad.id);
  assert.match(delivery.id, /^dlv_[0-9a-z]+$/);
  assert.deepEqual([delivery.status, delivery.endpoint_id, delivery.event_id, delivery.event],
    ['exhausted', bad.id, events[1].id, 'order.paid']);
  const [attempt] = delivery.attempts;
  assert.match(attempt.id, /^att_/);
  assert.deepEqual([attempt.attempt, attempt.status_code, attempt.cause, attempt.response_body],
    [1, 500, 'http', 'db locked']);
  assert.match(attempt.started_at, RFC3339);
  assert.equal(typeof attempt.duration_ms, 'number');
  assert.equal(Math.floor((await v1.retry(delivery.id)).status / 100), 2);
  const settled = await v1.settled(events[1].id, bad.id, 'succeeded');
  assert.deepEqual(settled.attempts.map((each) => each.status_code), [500, 200]);
  assert.equal(receiver.count('/bad'), 4);
  assertProblem(await v1.retry('dlv_00000000000000000000000000'), 404);
  assert.equal((await server.call('DELETE', `/v1/endpoints/${bad.id}`)).status, 204);
  assertProblem(await v1.retry(delivery.id), 409);
});
