// The command line as a client of a running server, and what is printed from the table of commands: completions that
// shells load, a manual page without a warning.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, openSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { selfSigned } from '../lib/certificates.mjs';
import { OK, hang, json, startReceiver, status } from '../lib/receiver.mjs';
import { BINARY, environment, newDirectory, runCommand, startServer } from '../lib/server.mjs';
import { until } from '../lib/time.mjs';
import { V1 } from '../lib/v1.mjs';

const [FAILED, USAGE, UNREACHABLE, NOT_AUTHORISED, NOT_FOUND, CONFLICT, TIMED_OUT] = [1, 2, 3, 4, 5, 6, 7];
const SHORT_RETRIES = { 'delivery.schedule': '10ms' };

// A server and a function that runs a command as its client.
async function serverAndClient(t, settings) {
  const server = await startServer(t, { settings });
  const ask = (...args) => runCommand(args, { variables: { EXPOSEE_URL: server.url } });
  return { server, ask };
}

function assertOk(ended) {
  assert.equal(ended.code, 0, ended.stderr);
  return ended.stdout;
}

test('an event goes from register over send to its delivery, by commands alone', async (t) => {
  const { ask } = await serverAndClient(t);
  const receiver = await startReceiver(t);
  const url = receiver.url('/hook');
  assert.match(assertOk(await ask('register', 'USER_REGISTERED', url)),
    new RegExp(`^Event +user_registered\nURL +${url}\nEndpoint +ep_\\w+\nSecret +whsec_\\S+\n$`));
  assert.equal((await ask('register', 'user_registered', url)).code, CONFLICT);
  assert.equal(assertOk(await ask('webhooks')), `user_registered\n  ${url}\nuser_send_message\n`);
  const sent = await ask('send', 'user_registered', '{"username": "alice", "n": 1.0}');
  const [, id] = assertOk(sent).match(/^(evt_\w+)  user_registered  1 delivery\n$/);
  assert.equal(sent.stderr, `Try: exposee deliveries --event ${id}\n`);
  await receiver.waitFor('/hook', 1);
  assert.match(receiver.to('/hook')[0].body.toString(), /"data":\{"username": "alice", "n": 1\.0\}/);
  const listed = await until(async () => {
    const { stdout } = await ask('deliveries', '--event', id);
    return stdout.includes('succeeded') && stdout;
  }, { what: 'the delivery to have succeeded' });
  const [delivery] = listed.match(/^dlv_\w+/);
  assert.match(assertOk(await ask('delivery', delivery)), /Status +succeeded\n[^]*1 +✓ 200 +\d+ ms/);
  assert.equal(assertOk(await ask('retry', delivery)), `${delivery}  due now\n`);
  await receiver.waitFor('/hook', 2);
  assert.equal(assertOk(await ask('unregister', 'user_registered', url)),
    `user_registered is not sent to ${url} any more.\n`);
  assert.equal((await ask('unregister', 'user_registered', url)).code, NOT_FOUND);
});

test('ping shows what each receiver answered, and ends with 1 when one failed', async (t) => {
  const { ask } = await serverAndClient(t);
  const receiver = await startReceiver(t);
  const closed = await startReceiver(t);
  await closed.close();
  const nobody = await ask('ping');
  assert.equal(nobody.code, 0);
  assert.match(nobody.stderr, /Nothing is registered/);
  const [good, bad] = [receiver.url('/good'), receiver.script('/bad', status(500))];
  for (const url of [good, bad, closed.url('/')]) assertOk(await ask('register', 'user_registered', url));
  const ended = await ask('ping', 'user_registered');
  assert.equal(ended.code, FAILED);
  assert.match(ended.stdout, new RegExp(`^user_registered · 3 receivers\n  ✓ 200 +\\d+ ms  ${good}\n`
    + `  ✗ 500 +\\d+ ms  ${bad} +HTTP error: Internal Server Error\n  ✗ --- +\\d+ ms  ${closed.url('/')} +Connection refused\n$`));
  assert.equal(ended.stderr, '2 of 3 failed; a ping is not repeated.  Try: exposee endpoints\n');
  const report = JSON.parse((await ask('ping', '--json')).stdout);
  assert.equal(report.failed_webhooks_count, 2);
  assert.equal((await ask('ping', 'user_send_message')).code, NOT_FOUND);
});

test('every command that reads has JSON for scripts, and lists go over pages', async (t) => {
  const { server, ask } = await serverAndClient(t, SHORT_RETRIES);
  const v1 = new V1(server);
  const receiver = await startReceiver(t);
  receiver.script('/hook', status(500));
  const endpoint = await v1.endpoint(receiver.url('/hook'), ['user_registered']);
  const events = 203;  // more than one page holds
  const body = Array.from({ length: events }, (_, n) => ({ event: 'user_registered', data: { n } }));
  assert.equal((await server.call('POST', '/v1/events', body)).status, 202);
  const list = async (...more) => JSON.parse(assertOk(await ask('deliveries', '--json', ...more)));
  const all = await list('--limit', '1000');
  assert.equal(new Set(all.data.map(({ id }) => id)).size, events);
  assert.deepEqual([all.has_more, all.next_cursor], [false, null]);
  const some = await list('--limit', '201');
  assert.deepEqual([some.data.length, some.has_more], [201, true]);
  assert.equal((await list('--cursor', some.next_cursor)).data.length, 2);
  assert.equal((await list('--since', '1h', '--until', '0ms', '--endpoint', endpoint.id)).data.length, 50);
  assert.equal((await list('--until', '1h')).data.length, 0);
  const one = JSON.parse(assertOk(await ask('delivery', all.data[0].id, '--json')));
  assert.equal(one.id, all.data[0].id);
  const state = JSON.parse(assertOk(await ask('status', '--json')));
  assert.deepEqual([state.ready, state.url], [true, server.url]);
  assert.equal(Object.values(state.endpoints).reduce((a, b) => a + b), 1);
  assert.match(assertOk(await ask('status')), /ready\n1 endpoint · 1 \w+( · 1 circuit breaker open)?\n/);
  assert.match(assertOk(await ask('delivery', all.data[0].id)), /Created +\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC\n/);
  assert.equal(JSON.parse(assertOk(await ask('webhooks', '--json'))).webhooks.length, 2);
});

test('status shows what fails from its first failure on, long before the server calls an endpoint failing', async (t) => {
  const { server, ask } = await serverAndClient(t);
  const v1 = new V1(server);
  const receiver = await startReceiver(t);
  const state = async () => JSON.parse(assertOk(await ask('status', '--json')));
  const [retried, givenUp] = [['/retried', [60_000]], ['/given-up', []]].map(([path, schedule]) =>
    v1.endpoint(receiver.script(path, status(500)), ['user_registered'], { schedule_ms: schedule }));
  const [first, second] = [await retried, await givenUp];
  await v1.endpoint(receiver.url('/well'), ['user_registered']);
  const event = await v1.publish('user_registered', {});
  await v1.settled(event.id, second.id, 'exhausted');
  await until(async () => (await state()).deliveries.retrying === 1);
  const { endpoints, deliveries, attention } = await state();
  assert.deepEqual([endpoints.active, endpoints.failing], [3, 0]);
  assert.deepEqual(deliveries, { retrying: 1, exhausted_last_hour: 1, all_counted: true });
  const counted = attention.map(({ id, status, retrying, exhausted_last_hour: exhausted, last_failure: last }) =>
    [id, status, retrying, exhausted, last]);
  assert.deepEqual(counted.sort(), [[first.id, 'active', 1, 0, 'http 500'], [second.id, 'active', 0, 1, 'http 500']].sort());
  const shown = await ask('status');
  assert.match(shown.stdout, /3 endpoints · 3 active\ndeliveries: 1 retrying · 1 exhausted within the hour\n/);
  assert.match(shown.stdout, new RegExp(`active +${first.id} +\\S+/retried +1 retrying \\(http 500\\)`));
  assert.match(shown.stderr, /^Try: exposee deliveries --status \w+ --endpoint ep_\w+\n$/);
});

test('status counts what fails exactly, however many deliveries wait beside it, and shows it first', async (t) => {
  const { server, ask } = await serverAndClient(t);
  const v1 = new V1(server);
  const receiver = await startReceiver(t);
  await v1.declare('crowd.event');
  await v1.endpoint(receiver.url('/paused'), ['crowd.event'], { paused: true });
  await v1.endpoint(receiver.url('/full'), ['crowd.event'], { paused: true, max_pending: 1 });
  const failing = await v1.endpoint(receiver.script('/failing', status(500)), ['user_registered'], { schedule_ms: [60_000] });
  await v1.publish('user_registered', {});
  for (let i = 0; i < 12; ++i) {
    await server.call('POST', '/v1/events', Array.from({ length: 100 }, () => ({ event: 'crowd.event', data: {} })));
  }
  const state = async () => JSON.parse(assertOk(await ask('status', '--json')));
  await until(async () => (await state()).deliveries.retrying === 1);
  const { deliveries, attention } = await state();
  assert.deepEqual(deliveries, { retrying: 1, exhausted_last_hour: 1000, all_counted: false });
  assert.deepEqual([attention[0].exhausted_last_hour, attention[0].last_failure, attention[1].id, attention[1].retrying],
    [1000, 'overflow', failing.id, 1]);
  assert.match(assertOk(await ask('status')), /deliveries: 1 retrying · at least 1000 exhausted within the hour\n/);
});

test('status counts what is paused and what an open circuit breaker holds back', async (t) => {
  const { server, ask } = await serverAndClient(t);
  const v1 = new V1(server);
  const receiver = await startReceiver(t);
  await v1.endpoint(receiver.url('/paused'), ['user_registered'], { paused: true });
  await v1.endpoint(receiver.script('/broken', status(500)), ['user_registered'], { schedule_ms: [] });
  for (let i = 0; i < 20; ++i) await v1.publish('user_registered', {});
  const state = async () => JSON.parse(assertOk(await ask('status', '--json')));
  await until(async () => (await state()).circuit_breakers_open === 1, { what: 'the breaker to open' });
  assert.equal((await state()).endpoints.paused, 1);
  assert.match(assertOk(await ask('status')), /\n2 endpoints · .*1 paused · 1 circuit breaker open\n/);
});

test('a hint that speaks of a call of the API names the command that makes it', async (t) => {
  const { server, ask } = await serverAndClient(t);
  const unknown = await ask('register', 'no_such_event', 'http://127.0.0.1:9000/');
  assert.match(unknown.stderr, new RegExp(`exposee webhooks lists the events\\. curl -X POST ${server.url}/v1/event-types .*-d '{"name": "no_such_event"}' declares`));
  assert.doesNotMatch(unknown.stderr, /(GET|POST) \//);
});

test('data comes from standard input as it is', async (t) => {
  const { server } = await serverAndClient(t);
  const variables = { EXPOSEE_URL: server.url };
  const send = (input) => runCommand(['send', 'user_registered', '-', '--json'], { variables, input });
  const { id } = JSON.parse(assertOk(await send('\n{"a": [1e2]}\n')));
  assert.match((await server.call('GET', `/v1/events/${id}`)).text, /"data":\{"a": \[1e2\]\}/);
  const broken = await send('{"a":');
  assert.deepEqual([broken.code, broken.stdout], [USAGE, '']);
  assert.match(broken.stderr, /DATA is not valid JSON: .* at character 5\./);
});

test('what goes wrong is one sentence with its exit code', async (t) => {
  const { server, ask } = await serverAndClient(t);
  const slow = await startReceiver(t);
  slow.script('/webhooks', hang);
  slow.script('/b/webhooks', status(401, {}, '{"detail":"No"}'));
  const gone = await startReceiver(t);
  await gone.close();
  const base = (receiver, prefix = '') => receiver.url(prefix);
  const rows = [
    [['register', 'no_such_event', 'http://127.0.0.1:9000/'], NOT_FOUND, /Event 'no_such_event' not found\./],
    [['register', 'user_registered', 'nowhere'], USAGE, /: URL: /],
    [['deliveries', '--endpoint', 'x'], USAGE, /: --endpoint must be the id of an endpoint\.\n/],
    [['deliveries', '--cursor', 'x'], USAGE, /: --cursor must be a cursor that this list ended with\.\n/],
    [['deliveries', '--event', 'user_registred'], USAGE, /: --event must be .* Did you mean 'user_registered'\?\n/],
    [['send', 'user_registered', '1', '--idempotency-key', 'x'.repeat(300)], USAGE, /--idempotency-key/],
    [['endpoints', 'ep_nothing'], NOT_FOUND, /ep_nothing/],
    [['pause', 'http://127.0.0.1:9/'], NOT_FOUND, /No endpoint has the URL 'http:\/\/127\.0\.0\.1:9\/'\. exposee endpoints lists/],
    [['status', '--url', `${server.url}/xx`], NOT_FOUND, new RegExp(`no Exposee API at ${server.url}/xx: .* Should the URL be ${server.url}\\? `)],
    [['delivery', 'dlv_nothing'], NOT_FOUND, /dlv_nothing/],
    [['retry', 'dlv_nothing'], NOT_FOUND, /dlv_nothing/],
    [['webhooks', '--url', base(gone)], UNREACHABLE, /is not reachable: Connection refused\./],
    [['webhooks', '--url', 'http://no-such-host.invalid'], UNREACHABLE, /Name does not resolve/],
    [['webhooks', '--url', base(slow), '--timeout', '100ms'], TIMED_OUT, /No reply in time/],
    [['webhooks', '--url', base(slow, '/b/')], NOT_AUTHORISED, /No\./],
    [['webhooks', '--url', 'ftp://127.0.0.1'], USAGE, /is not a URL to ask/],
  ];
  for (const [args, code, words] of rows) {
    const ended = await ask(...args);
    assert.equal(ended.code, code, `${args.join(' ')}: ${ended.stderr}`);
    assert.match(ended.stderr, words);
    assert.match(ended.stderr, /^exposee: .*\n$/);
    assert.equal(ended.stdout, '');
  }
  const full = openSync('/dev/full', 'w');
  const env = { ...environment({}), EXPOSEE_URL: server.url };
  for (const args of [['webhooks'], ['man'], ['completion', 'bash']]) {
    const ended = spawnSync(BINARY, args, { env, stdio: ['ignore', full, 'pipe'], encoding: 'utf8' });
    assert.equal(ended.status, FAILED, args.join(' '));
    assert.match(ended.stderr, /Standard output cannot be written: No space left on device/);
  }
  closeSync(full);
});

test('https is asked with the certificates of the system, or those that are named', async (t) => {
  const tls = selfSigned(newDirectory(t));
  const server = await startReceiver(t, { tls });
  server.script('/livez', OK);
  const distrusted = await runCommand(['healthcheck', '--url', server.url('')]);
  assert.equal(distrusted.code, UNREACHABLE);
  assert.match(distrusted.stderr, /certificate/i);
  assertOk(await runCommand(['healthcheck', '--url', server.url(''), '--ca-file', tls.file]));
});

test('a proxy is asked for other machines, never for this one', async (t) => {
  const [proxy, server] = [await startReceiver(t), await startReceiver(t)];
  server.script('/livez', OK);
  const seen = [];
  proxy.server.removeAllListeners('request');
  proxy.server.on('request', (request, response) => { seen.push(request.url); response.end(); });
  const variables = { http_proxy: proxy.url(''), HTTP_PROXY: proxy.url(''), all_proxy: proxy.url('') };
  assertOk(await runCommand(['healthcheck', '--url', server.url('')], { variables }));
  assertOk(await runCommand(['healthcheck', '--url', server.url('', 'localhost')], { variables }));
  assert.deepEqual(seen, []);
  assertOk(await runCommand(['healthcheck', '--url', 'http://shop.invalid'], { variables }));
  assert.deepEqual(seen, ['http://shop.invalid/livez']);
});

test('colours are for terminals', async (t) => {
  const server = await startReceiver(t);
  server.script('/ping?durations=true', json({ successful_webhooks: [{ event: 'e', url: 'http://a/', status_code: 200 }], failed_webhooks: [] }));
  const { stdout } = await runCommand(['ping', '--url', server.url('')], { variables: { TERM: 'xterm' } });
  assert.equal(stdout, 'e · 1 receiver\n  ✓ 200    http://a/\n');
});

// What the shell would offer for this line.
const OFFERS = {
  bash: (file, words) => execFileSync('bash', ['--norc', '-c',
    'source "$0"; shift 0; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _exposee 2>/dev/null; printf "%s\\n" "${COMPREPLY[@]}"',
    file, ...words], { encoding: 'utf8' }).trim().split('\n'),
  fish: (file, words) => execFileSync('fish', ['--no-config', '-c', `source ${file}; complete -C "${words.join(' ')}"`],
    { encoding: 'utf8' }).trim().split('\n').map((line) => line.split('\t')[0]),
};

test('completions load in their shells and offer commands, options and values', async (t) => {
  const directory = newDirectory(t);
  for (const shell of ['bash', 'zsh', 'fish']) {
    const file = path.join(directory, `exposee.${shell}`);
    writeFileSync(file, assertOk(await runCommand(['completion', shell])));
    execFileSync(shell, ['-n', file]);
    if (!OFFERS[shell]) continue;
    const offers = (...words) => OFFERS[shell](file, ['exposee', ...words]);
    assert.deepEqual(offers('del').sort(), ['deliveries', 'delivery'], shell);
    assert.deepEqual(offers('deliveries', '--stat'), ['--status'], shell);
    assert.deepEqual(offers('deliveries', '--status', 'ex'), ['exhausted'], shell);
    assert.deepEqual(offers('completion', 'z'), ['zsh'], shell);
    assert.deepEqual(offers('help', 'unreg'), ['unregister'], shell);
  }
  const zsh = 'autoload -U compinit; compinit -D; source "$0"; whence -w _exposee; print $_comps[exposee]';
  assert.equal(execFileSync('zsh', ['-f', '-c', zsh, path.join(directory, 'exposee.zsh')], { encoding: 'utf8' }),
    '_exposee: function\n_exposee\n');
});

test('the manual page is set without a warning and names every command', async () => {
  const page = assertOk(await runCommand(['man']));
  const set = spawnSync('groff', ['-man', '-ww', '-Tutf8', '-P-c'], { input: page, encoding: 'utf8' });
  assert.deepEqual([set.status, set.stderr], [0, '']);
  const help = assertOk(await runCommand(['help']));
  const commands = [...help.matchAll(/^ {2}([a-z-]+) {2,}/gm)].map(([, name]) => name);
  assert.ok(commands.length >= 21, help);
  for (const name of commands.filter((word) => !word.startsWith('-'))) {
    assert.match(set.stdout, new RegExp(`exposee ${name}\\b`), name);
  }
});
