// GET /metrics as Prometheus reads it: well formed, exact, and of a size that nothing can make grow.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { test } from 'node:test';

import { OK, hang, startReceiver, status } from '../lib/receiver.mjs';
import { startServer } from '../lib/server.mjs';
import { until } from '../lib/time.mjs';
import { V1 } from '../lib/v1.mjs';

const UNPACKED = fileURLToPath(new URL('../.cache/promtool', import.meta.url));  // by tools/setup.sh
const PROMTOOL = existsSync(UNPACKED) ? UNPACKED : 'promtool';
const GOOD = 20, FAILED = 7, TIMED_OUT = 3;
const ONCE = { schedule_ms: [3_600_000] };  // one attempt now, the next long after the test

async function scrape(server) {
  const answer = await server.call('GET', '/metrics');
  assert.equal(answer.status, 200, answer.text);
  return answer;
}

// Every sample by its series, as it is written: 'exposee_attempts_total{result="dns"}'.
function samples(text) {
  const lines = text.split('\n').filter((line) => line && !line.startsWith('#'));
  return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]));
}

async function values(server) {
  return samples((await scrape(server)).text);
}

// Waits until the numbers are these, and gives all.
async function untilCounted(server, expected) {
  return until(async () => {
    const all = await values(server);
    assert.deepEqual(Object.fromEntries(Object.keys(expected).map((series) => [series, all.get(series)])), expected);
    return all;
  }, { within: 20_000, what: 'the numbers' });
}

// A server that has delivered, failed and timed out.
async function busyServer(t) {
  const [server, receiver] = [await startServer(t), await startReceiver(t)];
  const v1 = new V1(server);
  receiver.script('/good', OK);
  receiver.script('/failing', status(503));
  receiver.script('/silent', hang);
  for (const type of ['good', 'failing', 'silent']) await v1.declare(type);
  await v1.endpoint(receiver.url('/good'), ['good']);
  await v1.endpoint(receiver.url('/failing'), ['failing'], ONCE);
  await v1.endpoint(receiver.url('/silent'), ['silent'], { ...ONCE, timeout_ms: 1_000 });
  for (let i = 0; i < GOOD; ++i) await v1.publish('good', { i });
  for (let i = 0; i < FAILED; ++i) await v1.publish('failing', { i });
  for (let i = 0; i < TIMED_OUT; ++i) await v1.publish('silent', { i });
  const pending = FAILED + TIMED_OUT;
  const all = await untilCounted(server, {
    exposee_events_accepted_total: GOOD + pending,
    'exposee_attempts_total{result="succeeded"}': GOOD,
    'exposee_attempts_total{result="http"}': FAILED,
    'exposee_attempts_total{result="timeout"}': TIMED_OUT,
    exposee_deliveries_pending: pending,
    exposee_deliveries_in_flight: 0,
    'exposee_endpoints{status="active"}': 3,
  });
  return { server, v1, receiver, all };
}

// Of each histogram: its buckets never fall, and the last is the count.
function assertHistogramsAddUp(all) {
  const counts = [...all.keys()].filter((series) => /_seconds_count|_events_count/.test(series));
  assert.ok(counts.length >= 9, counts.join('\n'));
  for (const series of counts) {
    const [, name, labels] = series.match(/^(.*)_count(?:\{(.*)\})?$/);
    const prefix = `${name}_bucket{${labels ? `${labels},` : ''}le="`;
    const buckets = [...all].filter(([each]) => each.startsWith(prefix)).map(([, value]) => value);
    assert.deepEqual(buckets, [...buckets].sort((a, b) => a - b), `${series} is cumulative`);
    assert.equal(buckets.at(-1), all.get(series), series);
    const sum = all.get(series.replace('_count', '_sum'));
    assert.equal(sum > 0, all.get(series) > 0, `${series}: ${sum}`);
  }
}

test('what was counted is exact, and histograms add up', async (t) => {
  const { server, all } = await busyServer(t);
  const expected = {
    'exposee_responses_total{status_class="2xx"}': GOOD,
    'exposee_responses_total{status_class="5xx"}': FAILED,
    'exposee_responses_total{status_class="4xx"}': 0,
    'exposee_deliveries_finished_total{outcome="succeeded"}': GOOD,
    'exposee_deliveries_finished_total{outcome="exhausted"}': 0,
    exposee_attempt_duration_seconds_count: GOOD + FAILED + TIMED_OUT,
    exposee_delivery_latency_seconds_count: GOOD,
    exposee_commit_events_sum: GOOD + FAILED + TIMED_OUT,
    'exposee_http_requests_total{family="v1",status_class="2xx"}': 3 + 3 + GOOD + FAILED + TIMED_OUT,
    'exposee_http_requests_total{family="contract",status_class="2xx"}': 0,
    exposee_store_failing: 0,
    exposee_disk_low: 0,
    exposee_log_lines_dropped_total: 0,
    exposee_damaged_rows_total: 0,
  };
  for (const [series, value] of Object.entries(expected)) assert.equal(all.get(series), value, series);
  assertHistogramsAddUp(all);
  const timeouts = all.get('exposee_attempt_duration_seconds_sum');
  assert.ok(timeouts >= TIMED_OUT && timeouts < TIMED_OUT + 60, `three attempts of a second each in ${timeouts} s`);
  for (const present of ['process_resident_memory_bytes', 'process_open_fds', 'exposee_storage_free_bytes',
    'exposee_storage_bytes{file="db"}', 'exposee_connections{side="server"}', 'process_cpu_seconds_total']) {
    assert.ok(all.get(present) > 0, `${present}: ${all.get(present)}`);
  }
  const started = all.get('process_start_time_seconds');
  assert.ok(Math.abs(Date.now() / 1000 - started) < 600, `${started} is when the process began`);

  await server.call('GET', '/webhooks');
  await server.call('POST', '/users', 'no json');
  const later = await values(server);
  assert.equal(later.get('exposee_http_requests_total{family="contract",status_class="2xx"}'), 1);
  assert.equal(later.get('exposee_http_requests_total{family="contract",status_class="4xx"}'), 1);
});

test('promtool has nothing to say about it', async (t) => {
  const { server } = await busyServer(t);
  const { text, headers } = await scrape(server);
  assert.equal(headers['content-type'], 'text/plain; version=0.0.4; charset=utf-8');
  const checked = spawnSync(PROMTOOL, ['check', 'metrics'], { input: text, encoding: 'utf8' });
  assert.equal(checked.error, undefined, `promtool: tools/setup.sh test brings it (${checked.error})`);
  assert.equal(checked.stderr + checked.stdout, '', text);
  assert.equal(checked.status, 0);
});

test('labels are bounded: neither endpoints nor events nor paths make new series', async (t) => {
  const { server, v1, receiver, all } = await busyServer(t);
  const { id } = await v1.endpoint(receiver.url('/another?token=hunter2'), ['good', 'unheard.*']);
  await v1.publish('good', {});
  await server.call('POST', '/ping?event_filter=good', {});
  await server.call('GET', `/v1/endpoints/${id}`);
  await server.call('GET', '/no/such/path');
  await untilCounted(server, { 'exposee_attempts_total{result="succeeded"}': GOOD + 2,
    'exposee_test_deliveries_total{kind="ping",result="succeeded"}': 2 });
  const { text } = await scrape(server);
  assert.deepEqual([...samples(text).keys()], [...all.keys()]);
  for (const secret of [id, 'hunter2', '127.0.0.1', 'another', 'good', 'whsec']) {
    assert.ok(!text.includes(secret), secret);
  }
});

test('endpoints are counted by what becomes of them', async (t) => {
  const { server, v1, receiver } = await busyServer(t);
  receiver.script('/gone', status(410));
  const paused = await v1.endpoint(receiver.url('/paused'), ['good'], { paused: true });
  await v1.endpoint(receiver.url('/gone'), ['good']);
  await v1.publish('good', {});
  await untilCounted(server, {
    'exposee_endpoints{status="active"}': 3,
    'exposee_endpoints{status="paused"}': 1,
    'exposee_endpoints{status="disabled"}': 1,
    exposee_endpoints_disabled_total: 1,
    'exposee_deliveries_waiting{reason="paused"}': 1,
    'exposee_deliveries_finished_total{outcome="exhausted"}': 1,
  });
  await server.call('DELETE', `/v1/endpoints/${paused.id}`);
  await untilCounted(server, {
    'exposee_endpoints{status="paused"}': 0,
    'exposee_deliveries_waiting{reason="paused"}': 0,
    'exposee_deliveries_finished_total{outcome="cancelled"}': 1,
    exposee_deliveries_pending: FAILED + TIMED_OUT,
  });
});

test('it is for whoever runs the server: HEAD works, pages of others and foreign names do not', async (t) => {
  const server = await startServer(t);
  const head = await server.call('HEAD', '/metrics');
  assert.equal(head.status, 200);
  assert.equal(head.text, '');
  assert.ok(Number(head.headers['content-length']) > 1_000, head.headers['content-length']);
  assert.equal((await server.call('GET', '/metrics', undefined, { origin: 'https://elsewhere.example' })).status, 403);
  assert.equal((await server.call('GET', '/metrics', undefined, { host: 'rebound.example' })).status, 421);
  assert.equal((await server.call('POST', '/metrics', {})).status, 405);
});
