// A start that cannot work says why in one sentence and ends with the promised code; settings are checked before
// anything starts.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, copyFileSync, openSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { selfSigned } from '../lib/certificates.mjs';
import { startReceiver } from '../lib/receiver.mjs';
import {
  BINARY, Server, changeData, databaseFile, environment, newDirectory, runCommand, startServer,
} from '../lib/server.mjs';
import { until } from '../lib/time.mjs';
import { V1 } from '../lib/v1.mjs';

const DO_NOT_RESTART = 78;
const USAGE = 2;

// One sentence for people on standard error, or as the message of one JSON log line.
function saidWhy(life) {
  const lines = life.lines.map((line) => line.json?.message ?? line.text).filter((text) => text.trim());
  assert.ok(lines.length >= 1 && lines.length <= 3, `one clear sentence, not: ${lines.join('\n')}`);
  return lines.join('\n');
}

async function failedStart(t, options) {
  const server = new Server(options);
  t.after(() => server.dispose(t));
  server.launch();
  const exit = await server.exited(15_000);
  return { exit, why: saidWhy(server.life) };
}

test('a second process on the same data directory refuses, and the first goes on', async (t) => {
  const first = await startServer(t);
  const { exit, why } = await failedStart(t, { data: first.data, settings: { 'server.drain_timeout_ms': '200' } });
  assert.equal(exit.code, DO_NOT_RESTART, why);
  assert.match(why, new RegExp(`waiting for the data directory[^]*${first.data} is in use by process ${first.child.pid}`));
  assert.equal((await first.call('POST', '/users', { username: 'alice' })).status, 200);
});

test('a successor waits for the data directory of a server that drains, and may be stopped meanwhile', async (t) => {
  const first = await startServer(t);
  const waiting = async () => {
    const next = new Server({ data: first.data });
    t.after(() => next.dispose(t));
    next.launch();
    await until(() => next.logged(/^waiting for the data directory/).length, { what: 'the wait' });
    return next;
  };
  const stopped = await waiting();
  assert.deepEqual(await stopped.stop(), { code: 0, signal: null });
  const successor = await waiting();
  assert.deepEqual(await first.stop(), { code: 0, signal: null });
  await until(() => successor.url, { what: 'the successor to be ready' });
  assert.equal((await successor.call('GET', '/readyz')).status, 200);
});

test('a start with too few descriptors, or too little memory, is refused with the number to set', async (t) => {
  const limits = [...[5, 12, 16, 20, 30].map((n) => [`--nofile=${n}`, /Raise the limit to \d+ or more/]),
    ...[70, 90, 110].map((mib) => [`--as=${mib * 1024 * 1024}`, /Raise the limit of/])];
  for (const [limit, words] of limits) {
    const { exit, why } = await failedStart(t, { data: newDirectory(t), wrapper: ['prlimit', limit] });
    assert.equal(exit.code, 1, `${limit}: ${why}`);
    assert.match(why, words, limit);
    assert.doesNotMatch(why, /ready/);
  }
  const enough = await startServer(t, { wrapper: ['prlimit', '--nofile=48'] });
  const receiver = await startReceiver(t);
  const v1 = new V1(enough);
  await v1.endpoint(receiver.url('/hook'), ['user_registered']);
  await enough.call('POST', '/users', { username: 'alice' });
  await receiver.waitFor('/hook', 1);
});

test('a data directory is free again once its process was killed', async (t) => {
  const server = await startServer(t);
  await server.kill();
  await server.start();
  assert.equal((await server.call('GET', '/readyz')).status, 200);
});

test('data of a newer version is refused with a clear sentence and left as it is', async (t) => {
  const server = await startServer(t);
  await server.call('POST', '/users', { username: 'alice' });
  await server.stop();
  const file = databaseFile(server.data);
  const version = () => execFileSync('sqlite3', [file, 'PRAGMA user_version'], { encoding: 'utf8' }).trim();
  const ours = Number(version());
  changeData(server.data, `PRAGMA user_version = ${ours + 1000}`);
  const { exit, why } = await failedStart(t, { data: server.data });
  assert.equal(exit.code, DO_NOT_RESTART, why);
  assert.match(why, /newer/i);
  assert.equal(Number(version()), ours + 1000);
  changeData(server.data, `PRAGMA user_version = ${ours}`);
  await server.start();
  assert.deepEqual((await server.call('GET', '/users')).json.map((user) => user.username), ['alice']);
});

test('an address that is taken is said, and may be tried again', async (t) => {
  const first = await startServer(t);
  const { exit, why } = await failedStart(t, { data: newDirectory(t), listen: new URL(first.url).host });
  assert.equal(exit.code, 1, why);
  assert.ok(why.includes(new URL(first.url).host), why);
});

test('data that cannot be used is said with the way out', async (t) => {
  const spoilt = newDirectory(t);
  writeFileSync(path.join(spoilt, 'not-a-directory'), '');
  for (const data of ['/proc/exposee', path.join(spoilt, 'not-a-directory')]) {
    const { exit, why } = await failedStart(t, { data });
    assert.ok([1, USAGE].includes(exit.code), why);
    assert.ok(why.includes(data) && why.includes('storage.path'), why);
  }
  const server = await startServer(t);
  await server.stop();
  writeFileSync(databaseFile(server.data), 'no database at all, but long enough to be read as one'.repeat(20));
  assert.match((await failedStart(t, { data: server.data })).why, /damaged[^]*backup/);
});

const BROKEN_SETTINGS = [
  ['a key that does not exist', '[delivery]\ntimout_ms = 5000\n', /timout_ms[^]*did you mean[^]*timeout_ms/i],
  ['a section that does not exist', '[delivry]\ntimeout_ms = 5000\n', /delivry[^]*did you mean[^]*delivery/i],
  ['a word in place of a number', '[delivery]\ntimeout_ms = "fast"\n', /timeout_ms/],
  ['a number out of range', '[delivery]\ntimeout_ms = 5\n', /timeout_ms/],
  ['a listening address without a port', '[server]\nlisten = "nowhere"\n', /listen/],
  ['a schedule over 31 days', '[delivery]\nschedule = ["900h"]\n', /schedule/],
  ['a network with an impossible prefix', '[security]\nallow_networks = ["10.0.0.0/99"]\n', /allow_networks/],
  ['an unknown log level', '[log]\nlevel = "loud"\n', /level/],
  ['a file that is not valid TOML', '[server\n', /line|toml/i],
];

for (const [name, text, pattern] of BROKEN_SETTINGS) {
  test(`${name} is an error of check-config and of serve`, async (t) => {
    const file = path.join(newDirectory(t), 'exposee.toml');
    writeFileSync(file, text);
    const checked = await runCommand(['check-config', '--config', file]);
    assert.equal(checked.code, USAGE, checked.stdout + checked.stderr);
    assert.match(checked.stderr, pattern);
    const { exit, why } = await failedStart(t, { data: newDirectory(t), args: ['--config', file] });
    assert.equal(exit.code, USAGE, why);
    assert.match(why, pattern);
  });
}

test('faults of the settings are lines of the log that they ask for, and sentences where it is text', async (t) => {
  const fault = { 'server.idle_timeout_ms': 'soon' };
  const log = async (more) => {
    const server = new Server({ data: newDirectory(t), settings: { ...fault, ...more } });
    server.launch();
    assert.equal((await server.exited()).code, USAGE);
    return server.life.lines;
  };
  const [line, ...others] = await log({});
  assert.deepEqual([line.json.level, others.length], ['error', 0]);
  assert.match(line.json.message, /EXPOSEE_SERVER_IDLE_TIMEOUT_MS/);
  assert.match((await log({ 'log.format': 'text' }))[0].text, /^exposee: EXPOSEE_SERVER_IDLE_TIMEOUT_MS/);
});

test('a variable that names no setting is an error with "did you mean"', async () => {
  const checked = await runCommand(['check-config'], { settings: { 'delivery.timeout_mss': '5000' } });
  assert.equal(checked.code, USAGE);
  assert.match(checked.stderr, /EXPOSEE_DELIVERY_TIMEOUT_MSS[^]*did you mean[^]*EXPOSEE_DELIVERY_TIMEOUT_MS/i);
});

test('a flag beats a variable, a variable the file, and check-config says where each value is from', async (t) => {
  const file = path.join(newDirectory(t), 'exposee.toml');
  writeFileSync(file, '[delivery]\ntimeout_ms = 2000\nconnect_timeout_ms = 1500\n');
  const checked = await runCommand(['check-config', '--json', '--config', file, '--data', '/flag'],
    { settings: { 'delivery.timeout_ms': '3000', 'storage.path': '/variable' } });
  assert.equal(checked.code, 0, checked.stderr);
  const row = (name) => JSON.parse(checked.stdout).settings.find((setting) => setting.name === name);
  const rows = [['storage.path', '/flag', /--data/], ['delivery.timeout_ms', 3000, /EXPOSEE_DELIVERY_TIMEOUT_MS/],
    ['delivery.connect_timeout_ms', 1500, /exposee\.toml/], ['server.idle_timeout_ms', 75_000, /default/]];
  for (const [name, value, origin] of rows) {
    assert.equal(row(name).value, value, name);
    assert.match(row(name).origin, origin, name);
  }
});

test('an unknown flag and an unknown command are usage errors', async () => {
  for (const args of [['serve', '--lissten', 'x'], ['sreve'], ['serve', '--listen', 'nowhere']]) {
    const ended = await runCommand(args);
    assert.equal(ended.code, USAGE, `${args.join(' ')}: ${ended.stderr}`);
    assert.notEqual(ended.stderr, '');
  }
});

test('version, healthcheck and the probes tell the truth', async (t) => {
  const version = await runCommand(['version']);
  assert.equal(version.code, 0);
  assert.match(version.stdout, /^exposee \d+\.\d+\.\d+/);
  const server = await startServer(t);
  for (const probe of ['/livez', '/readyz']) assert.equal((await server.call('GET', probe)).status, 200, probe);
  const { host } = new URL(server.url);
  const settings = { 'server.listen': host };
  assert.equal((await runCommand(['healthcheck'], { settings })).code, 0);
  await server.stop();
  await until(async () => (await runCommand(['healthcheck'], { settings })).code === 3,
    { what: 'healthcheck to say "unreachable"' });
});

test('services of a container platform whose names begin like ours do not keep it from starting', async () => {
  const settings = { 'web.service_host': '10.0.0.1', 'web.port': 'tcp://10.0.0.1:80', 'web.port_80_tcp_addr': '10.0.0.1' };
  assert.equal((await runCommand(['check-config'], { settings })).code, 0);
  const misspelt = await runCommand(['check-config'], { settings: { ...settings, 'log.levle': 'info' } });
  assert.equal(misspelt.code, USAGE);
  assert.match(misspelt.stderr, /EXPOSEE_LOG_LEVLE[^]*did you mean[^]*EXPOSEE_LOG_LEVEL/i);
});

test('a report that cannot be written is a failure', () => {
  for (const args of [['check-config'], ['check-config', '--defaults'], ['version'], ['--help']]) {
    const full = openSync('/dev/full', 'w');
    const ended = spawnSync(BINARY, args, { env: environment({}), stdio: ['ignore', full, 'pipe'], encoding: 'utf8' });
    closeSync(full);
    assert.equal(ended.status, 1, args.join(' '));
    assert.match(ended.stderr, /Standard output cannot be written: No space left/);
  }
});

test('signals without a meaning change nothing, and a limit of file sizes is a full disk', async (t) => {
  const server = await startServer(t, { wrapper: ['prlimit', '--fsize=524288:'] });  // twice what a first start writes
  for (const name of ['SIGUSR1', 'SIGUSR2', 'SIGALRM', 'SIGHUP', 'SIGPIPE', 'SIGXFSZ']) server.signal(name);
  await new V1(server).declare('load.tick');
  const publish = (n) => server.call('POST', '/v1/events', { event: 'load.tick', data: { n, filler: 'x'.repeat(8_000) } });
  let refused;
  for (let n = 0; n < 500 && !refused; ++n) {
    const answer = await publish(n);
    if (answer.status !== 202) refused = answer;
  }
  assert.equal(refused?.status, 507, refused?.text);
  execFileSync('prlimit', ['--pid', String(server.child.pid), '--fsize=unlimited:']);
  await until(async () => (await publish('again')).status === 202, { what: 'events to be accepted again' });
  assert.deepEqual(await server.stop(), { code: 0, signal: null });
});

test('SIGHUP reloads what can change, says what cannot, and wrong settings change nothing', async (t) => {
  const file = path.join(newDirectory(t), 'exposee.toml');
  const settings = (hosts, more = '') => writeFileSync(file, `${more}[security]\nallow_hosts = [${hosts}]\n`);
  settings('');
  const server = await startServer(t, { listen: '0.0.0.0:0', args: ['--config', file] });
  server.url = server.url.replace('0.0.0.0', '127.0.0.1');
  const register = () => server.call('POST', '/webhook', { event: 'user_registered', url: 'http://receiver.internal/hook' });
  const reload = async (message, count) => {
    server.signal('SIGHUP');
    await until(() => server.logged(message).length === count, { what: `${message} in the log` });
    return server.logged(message).at(-1);
  };
  assert.equal((await register()).status, 422);

  settings('"receiver.internal"', '[server]\nmax_connections = 77\n');
  const said = await reload(/^settings reloaded/, 1);
  assert.deepEqual([said.changed, said.needs_restart], ['security.allow_hosts', 'server.max_connections']);
  assert.equal((await register()).status, 200);

  settings('"receiver.internal"', '[log]\nlevel = "loud"\n');
  assert.match((await reload('settings not reloaded', 1)).fault, /exposee\.toml:2: log\.level is "loud"/);
  settings('"receiver.internal"', '[log]\nlevel = "debug"\n');
  assert.equal((await reload(/^settings reloaded/, 2)).changed, 'log.level');
  await server.call('GET', '/users');
  await until(() => server.logged('call').length > 0, { what: 'a line at debug' });
  assert.deepEqual(await server.stop(), { code: 0, signal: null });
});

test('SIGHUP reads the trusted certificates again; a broken file is said and the old ones stay', async (t) => {
  const [directory, trusted] = [newDirectory(t), path.join(newDirectory(t), 'trusted.pem')];
  const certificate = selfSigned(directory);
  const receiver = await startReceiver(t, { tls: certificate });
  copyFileSync(selfSigned(newDirectory(t)).file, trusted);
  const server = await startServer(t, { settings: { 'security.extra_ca_file': trusted } });
  const v1 = new V1(server);
  const { id } = await v1.endpoint(receiver.url('/hook', 'localhost'), ['user_registered']);
  const tested = async () => (await server.call('POST', `/v1/endpoints/${id}/test`)).json.succeeded;
  const reload = async (message) => {
    const before = server.logged(message).length;
    server.signal('SIGHUP');
    await until(() => server.logged(message).length > before, { what: `${message} in the log` });
  };
  assert.equal(await tested(), false);
  copyFileSync(certificate.file, trusted);
  await reload(/^settings reloaded/);
  assert.equal(await tested(), true);
  writeFileSync(trusted, 'no certificate');
  await reload('settings not reloaded');
  assert.equal(await tested(), true);
});
