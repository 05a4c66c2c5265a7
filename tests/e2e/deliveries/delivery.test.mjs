// What a receiver gets and what its answers do: signed, retried, obeyed, isolated (promises D3 to D8 and section 2).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Webhook } from 'standardwebhooks';

import { OK, hang, json, startReceiver, status } from '../lib/receiver.mjs';
import { startServer } from '../lib/server.mjs';
import { gate, moment, until } from '../lib/time.mjs';
import { V1 } from '../lib/v1.mjs';

const SHORT = { schedule_ms: [200, 200] };  // three attempts within a second

// A server, a receiver and an endpoint for `order.paid` at the receiver's /hook.
async function scene(t, { endpoint = SHORT, answers = [OK] } = {}) {
  const [server, receiver] = [await startServer(t), await startReceiver(t)];
  const v1 = new V1(server);
  await v1.declare('order.paid');
  const target = await v1.endpoint(receiver.script('/hook', ...answers), ['order.paid'], endpoint);
  return { server, receiver, v1, target, publish: (data = { order: 1 }) => v1.publish('order.paid', data) };
}

test('a delivery verifies with the published library and the secret given at registration', async (t) => {
  const [server, receiver] = [await startServer(t), await startReceiver(t)];
  const registered = await server.call('POST', '/webhook', { event: 'user_registered', url: receiver.url() });
  const { secret } = registered.json;
  assert.match(secret, /^whsec_[A-Za-z0-9+/]{32}$/);
  const user = (await server.call('POST', '/users', { username: 'Żółw' })).json;
  const [sent] = await receiver.waitFor('/hook', 1);
  const verified = new Webhook(secret).verify(sent.body.toString('utf8'), sent.headers);
  assert.equal(verified.event, 'user_registered');
  assert.deepEqual(verified.data, user);
  const forged = Buffer.concat([sent.body.subarray(0, -1), Buffer.from(' }')]).toString('utf8');
  assert.throws(() => new Webhook(secret).verify(forged, sent.headers));
});

test('the secret is shown when the endpoint is created and not when it is extended', async (t) => {
  const server = await startServer(t);
  const url = 'http://127.0.0.1:59997/x';
  const first = (await server.call('POST', '/webhook', { event: 'user_registered', url })).json;
  const second = (await server.call('POST', '/webhook', { event: 'user_send_message', url })).json;
  assert.equal(second.endpoint_id, first.endpoint_id);
  assert.equal(second.secret, undefined);
  const listing = JSON.stringify((await server.call('GET', '/v1/endpoints')).json);
  assert.ok(!listing.includes(first.secret.slice('whsec_'.length)));
});

test('every header that was promised is sent, once', async (t) => {
  const { receiver, publish } = await scene(t);
  const event = await publish();
  const [sent] = await receiver.waitFor('/hook', 1);
  const promised = {
    'webhook-id': new RegExp(`^msg_${event.id.slice('evt_'.length)}$`),
    'webhook-timestamp': /^\d{10}$/,
    'webhook-signature': /^v1,[A-Za-z0-9+/]{43}=$/,
    'webhook-event': /^order\.paid$/,
    'webhook-attempt': /^1$/,
    'content-type': /^application\/json$/,
    'user-agent': /^Exposee\/\d+\.\d+\.\d+$/,
    traceparent: /^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/,
    host: new RegExp(`^127\\.0\\.0\\.1:${receiver.port}$`),
    'content-length': new RegExp(`^${sent.body.length}$`),
  };
  const names = sent.rawHeaders.filter((_, i) => i % 2 === 0).map((name) => name.toLowerCase());
  for (const [name, form] of Object.entries(promised)) {
    assert.match(sent.headers[name] ?? '', form, name);
    assert.equal(names.filter((other) => other === name).length, 1, name);
  }
  assert.equal(sent.method, 'POST');
  assert.ok(Math.abs(Number(sent.headers['webhook-timestamp']) * 1000 - sent.at) < 5_000);
});

test('the payload is sent byte for byte as it was published', async (t) => {
  const { server, receiver } = await scene(t);
  const data = '{"z":1.0,"a":12345678901234567890123,"e":1e2,"u":"\\u00fc ü \\/","nested":{"b":[],"a":{}}}';
  const answer = await server.call('POST', '/v1/events', `{"event":"order.paid","data":${data}}`);
  assert.equal(answer.status, 202, answer.text);
  const [sent] = await receiver.waitFor('/hook', 1);
  assert.ok(sent.body.toString('utf8').includes(`"data":${data}`), sent.body.toString('utf8'));
});

test('a receiver that fails first gets the same id and bytes again, newly signed, until it accepts', async (t) => {
  const { receiver, v1, target, publish } = await scene(t, { answers: [status(500), status(503), OK] });
  const event = await publish({ text: 'ü' });
  const delivery = await v1.settled(event.id, target.id, 'succeeded');
  const sent = receiver.to('/hook');
  assert.equal(sent.length, 3);
  assert.deepEqual(sent.map((record) => record.headers['webhook-attempt']), ['1', '2', '3']);
  for (const record of sent) {
    assert.equal(record.headers['webhook-id'], sent[0].headers['webhook-id']);
    assert.deepEqual(record.body, sent[0].body);
    new Webhook(target.secret).verify(record.body.toString('utf8'), record.headers);
  }
  assertGaps(sent, 0.8 * 200);
  assert.deepEqual(delivery.attempts.map((attempt) => attempt.status_code), [500, 503, 200]);
});

function assertGaps(records, least) {
  for (let i = 1; i < records.length; ++i) {
    const gap = records[i].at - records[i - 1].at;
    assert.ok(gap >= least - 5, `gap ${i} was ${gap} ms, not at least ${least}`);
  }
}

test('a delivery whose schedule is used up is exhausted, and nothing more is sent', async (t) => {
  const { receiver, v1, target, publish } = await scene(t, { answers: [status(500)] });
  const event = await publish();
  const delivery = await v1.settled(event.id, target.id, 'exhausted');
  assert.equal(delivery.attempts.length, 3);
  await moment(600);
  assert.equal(receiver.count('/hook'), 3);
});

test('Retry-After is a lower bound, in seconds and as a date', async (t) => {
  const soon = () => status(503, { 'retry-after': new Date(Date.now() + 3_000).toUTCString() });
  const { receiver, v1, target, publish } = await scene(t,
    { answers: [status(429, { 'retry-after': '1' }), soon, OK] });
  const event = await publish();
  await v1.settled(event.id, target.id, 'succeeded');
  const [first, second, third] = receiver.to('/hook').map((record) => record.at);
  assert.ok(second - first >= 995, `${second - first} ms after Retry-After: 1`);
  assert.ok(third - second >= 1_900, `${third - second} ms after a date about 3 s (2 to 3 by whole seconds) ahead`);
});

test('an endpoint bounds how long a Retry-After counts, or ignores it', async (t) => {
  const { v1, target, publish } = await scene(t,
    { answers: [status(429, { 'retry-after': '3600' }), status(503, { 'retry-after': '86400' }), OK],
      endpoint: { ...SHORT, max_retry_after_ms: 0 } });
  const event = await publish();
  const { attempts } = await v1.settled(event.id, target.id, 'succeeded');
  assert.deepEqual(attempts.map((attempt) => attempt.retry_after), ['3600', '86400', null]);
  assert.equal((await v1.showEndpoint(target.id)).held_until, null);
  assert.equal((await v1.patch(target.id, { max_retry_after_ms: null })).max_retry_after_ms, null);
});

test('a redirect is a failure and is never followed', async (t) => {
  const { receiver, v1, target, publish } = await scene(t,
    { answers: [(request) => status(307, { location: `http://${request.headers.host}/elsewhere` })] });
  const event = await publish();
  const delivery = await v1.settled(event.id, target.id, 'exhausted');
  assert.deepEqual(delivery.attempts.map((attempt) => [attempt.status_code, attempt.cause]),
    Array(3).fill([307, 'http']));
  assert.equal(receiver.count('/elsewhere'), 0);
});

const BY_HEADER = 'the receiver answered with the header webhook-delivery: disable';
for (const [name, answer, settles, why] of [
  ['410', status(410), 'exhausted', 'the receiver answered 410 Gone'],
  ['webhook-delivery: disable with a failure', status(500, { 'webhook-delivery': 'disable' }), 'exhausted', BY_HEADER],
  ['webhook-delivery: disable with a success', status(200, { 'webhook-delivery': 'disable' }), 'succeeded', BY_HEADER],
]) {
  test(`${name} disables the endpoint: what else it is owed is cancelled and nothing more is sent`, async (t) => {
    const { receiver, v1, target, publish } = await scene(t,
      { answers: [status(500), answer], endpoint: { schedule_ms: [60_000, 60_000] } });
    const waiting = await publish();
    await v1.settled(waiting.id, target.id, 'pending', { attempts: 1 });
    const last = await publish();
    assert.equal((await v1.settled(last.id, target.id, settles)).attempts.length, 1);
    const cancelled = await v1.settled(waiting.id, target.id, 'cancelled');
    assert.match(cancelled.hint, /^Cancelled: endpoint ep_\w+ is disabled, .* Last attempt: The receiver failed \(500 /);
    const { status: state, disabled_reason: reason } = await v1.showEndpoint(target.id);
    assert.equal(state, 'disabled');
    assert.equal(reason, why);
    assert.equal((await publish()).deliveries, 0);
    await moment(300);
    assert.equal(receiver.count('/hook'), 2);
  });
}

test('a disabled endpoint can be enabled again, and gets what occurs from then on', async (t) => {
  const { receiver, v1, target, publish } = await scene(t, { answers: [status(410), OK] });
  await v1.settled((await publish()).id, target.id, 'exhausted');
  assert.equal((await v1.patch(target.id, { disabled: false })).status, 'active');
  await v1.settled((await publish()).id, target.id, 'succeeded');
  assert.equal(receiver.count('/hook'), 2);
});

test('webhook-delivery: abort ends the delivery at once and leaves the endpoint as it is', async (t) => {
  const { receiver, v1, target, publish } = await scene(t,
    { answers: [status(400, { 'webhook-delivery': 'abort' }), OK] });
  const aborted = await publish();
  const { attempts, hint } = await v1.settled(aborted.id, target.id, 'exhausted');
  assert.equal(attempts.length, 1);
  for (const text of [hint, attempts[0].hint]) assert.match(text, /\(400 Bad Request\).*webhook-delivery: abort\.$/);
  const next = await publish();
  await v1.settled(next.id, target.id, 'succeeded');
  assert.equal(receiver.count('/hook'), 2);
});

test('a response that came while the process was stopped counts', async (t) => {
  const answer = gate();
  const { server, receiver, v1, target, publish } = await scene(t,
    { answers: [() => answer.opened.then(() => OK)], endpoint: { timeout_ms: 1_000 } });
  const event = await publish();
  await receiver.waitFor('/hook', 1);
  server.signal('SIGSTOP');
  answer.open();
  await moment(1_500);
  server.signal('SIGCONT');
  assert.equal((await v1.settled(event.id, target.id, 'succeeded')).attempts.length, 1);
});

test('a manual retry of an exhausted delivery sends the same id and bytes again', async (t) => {
  const { receiver, v1, target, publish } = await scene(t, { answers: [status(500), status(500), status(500), OK] });
  const event = await publish();
  const { id } = await v1.settled(event.id, target.id, 'exhausted');
  assert.equal(Math.floor((await v1.retry(id)).status / 100), 2);
  const delivery = await v1.settled(event.id, target.id, 'succeeded');
  assert.equal(delivery.attempts.length, 4);
  const sent = receiver.to('/hook');
  assert.equal(sent[3].headers['webhook-id'], sent[0].headers['webhook-id']);
  assert.deepEqual(sent[3].body, sent[0].body);
});

test('a hanging receiver never holds up another', async (t) => {
  const { receiver, v1, publish } = await scene(t, { answers: [hang], endpoint: { timeout_ms: 30_000 } });
  await v1.endpoint(receiver.url('/healthy'), ['order.paid']);
  const events = 200;
  const began = Date.now();
  for (let i = 0; i < events; ++i) await publish({ i });
  await receiver.waitFor('/healthy', events, 10_000);
  assert.ok(Date.now() - began < 10_000);
  assert.ok(receiver.count('/hook') >= 1);
});

test('no more attempts are under way to one endpoint than the limit allows', async (t) => {
  const limit = 4;
  const server = await startServer(t, { settings: { 'delivery.max_in_flight_per_endpoint': limit } });
  const [receiver, release, v1] = [await startReceiver(t), gate(), new V1(server)];
  let [now, most] = [0, 0];
  const count = async () => {
    most = Math.max(most, ++now);
    await release.opened;
    now -= 1;
    return OK;
  };
  await v1.endpoint(receiver.script('/hook', count), ['user_registered']);
  for (let i = 0; i < 20; ++i) await v1.publish('user_registered', { i });
  await until(() => now === limit, { what: `${limit} attempts under way` });
  release.open();
  await receiver.waitFor('/hook', 20);
  assert.equal(most, limit);
});

test('unregistering cancels: after its answer no attempt starts', async (t) => {
  const { server, receiver, v1, target, publish } = await scene(t,
    { answers: [status(500)], endpoint: { schedule_ms: [500] } });
  const event = await publish();
  await receiver.waitFor('/hook', 1);
  await until(async () => (await v1.deliveryOf(event.id, target.id)).attempts.length === 1);
  assert.equal((await server.call('DELETE', `/v1/endpoints/${target.id}`)).status, 204);
  await moment(900);
  assert.equal(receiver.count('/hook'), 1);
  const { status: state, hint } = await v1.deliveryOf(event.id);
  assert.equal(state, 'cancelled');
  assert.match(hint, /^Cancelled: its endpoint was removed while it was pending\. Last attempt: /);
});

test("the contract's DELETE /webhook cancels what the URL is still owed", async (t) => {
  const [server, receiver] = [await startServer(t), await startReceiver(t)];
  const v1 = new V1(server);
  const hook = { event: 'user_registered', url: receiver.script('/hook', status(500)) };
  const { endpoint_id: id } = (await server.call('POST', '/webhook', hook)).json;
  await v1.patch(id, { schedule_ms: [500] });
  await server.call('POST', '/users', { username: 'alice' });
  await until(async () => (await v1.deliveries({ endpoint: id }))[0]?.attempts_made === 1);
  assert.equal((await server.call('DELETE', '/webhook', hook)).status, 204);
  await moment(900);
  assert.equal(receiver.count('/hook'), 1);
  assert.deepEqual((await v1.deliveries({ endpoint: id })).map((delivery) => delivery.status), ['cancelled']);
});

test('an attempt that is under way when its endpoint goes is finished, not repeated', async (t) => {
  const release = gate();
  const { server, receiver, v1, target, publish } = await scene(t,
    { answers: [() => release.opened.then(() => OK)] });
  const event = await publish();
  await receiver.waitFor('/hook', 1);
  assert.equal((await server.call('DELETE', `/v1/endpoints/${target.id}`)).status, 204);
  release.open();
  const delivery = await until(async () => {
    const found = await v1.deliveryOf(event.id);
    return found.attempts.length === 1 && found;
  });
  assert.ok(['succeeded', 'cancelled'].includes(delivery.status), delivery.status);
  assert.equal(receiver.count('/hook'), 1);
});

test('connections to a receiver are kept alive', async (t) => {
  const { receiver, v1, target, publish } = await scene(t, { answers: [json({})] });
  for (let i = 0; i < 20; ++i) await v1.settled((await publish({ i })).id, target.id, 'succeeded');
  assert.equal(new Set(receiver.to('/hook').map((record) => record.remotePort)).size, 1);
});
