// What generators make of the OpenAPI: in three languages a client changes the one member that it was told to and
// nothing else, and creates an endpoint of the required members alone. And what linters make of it: nothing to say.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { newDirectory, startServer } from '../lib/server.mjs';

const HERE = fileURLToPath(new URL('..', import.meta.url));
const CLIENTS = path.join(HERE, 'clients');
const VENV = path.join(CLIENTS, 'python', '.venv', 'bin');
const BIN = path.join(HERE, 'node_modules', '.bin');
const STEP_DEADLINE_MS = 300_000;  // a compiler's first run on a busy machine

// Every member differs from what the server assumes, so that a client that sends more than it was told is noticed.
const ENDPOINT = { url: 'http://127.0.0.1:59997/billing', events: ['order.paid', 'invoice.*'], description: 'billing',
  timeout_ms: 7000, schedule_ms: [1000, 60_000], max_in_flight: 3, rate_per_second: 20, ordered: true, paused: true,
  max_retry_after_ms: 30_000 };

const LANGUAGES = {
  TypeScript: {
    async build(directory) {
      cpSync(path.join(CLIENTS, 'typescript'), directory, { recursive: true });
      symlinkSync(path.join(HERE, 'node_modules'), path.join(directory, 'node_modules'));
      await run(directory, path.join(BIN, 'openapi-typescript'), ['openapi.json', '-o', 'exposee.d.ts']);
      await run(directory, path.join(BIN, 'tsc'), []);
    },
    change: (directory, args) => run(directory, process.execPath, ['change.js', ...args]),
  },
  Python: {
    async build(directory) {
      cpSync(path.join(CLIENTS, 'python', 'change.py'), path.join(directory, 'change.py'));
      await run(directory, path.join(VENV, 'openapi-python-client'), ['generate', '--path', 'openapi.json', '--meta',
        'none', '--output-path', 'exposee_client', '--fail-on-warning']);
    },
    change: (directory, args) => run(directory, path.join(VENV, 'python'), ['change.py', ...args]),
  },
  Go: {
    async build(directory) {
      await run(directory, path.join(VENV, 'openapi-generator-cli'), ['generate', '-i', 'openapi.json', '-g', 'go',
        '-o', 'exposee', '--additional-properties=packageName=exposee,withGoMod=false']);
      rmSync(path.join(directory, 'exposee', 'test'), { recursive: true });
      cpSync(path.join(CLIENTS, 'go'), directory, { recursive: true, filter: (file) => !file.includes('.cache') });
      await run(directory, 'go', ['build', '-o', 'change', '.'], goEnvironment());
    },
    change: (directory, args) => run(directory, path.join(directory, 'change'), args),
  },
};

for (const [language, { build, change }] of Object.entries(LANGUAGES)) {
  test(`a client generated for ${language} changes one member and no other`, async (t) => {
    const server = await startServer(t);
    const directory = newDirectory(t);
    writeFileSync(path.join(directory, 'openapi.json'), (await server.call('GET', '/openapi.json')).text);
    await build(directory);
    const before = await created(server, ENDPOINT);

    const newUrl = 'http://127.0.0.1:59997/new';
    await change(directory, [server.url, before.id, newUrl]);

    const after = (await server.call('GET', `/v1/endpoints/${before.id}`)).json;
    assert.deepEqual(after, { ...before, timeout_ms: 5000, updated_at: after.updated_at });
    const endpoints = (await server.call('GET', '/v1/endpoints')).json.data;
    const bare = await created(server, { url: 'http://127.0.0.1:59997/bare', events: ['order.paid'] });
    const made = endpoints.find((endpoint) => endpoint.url === newUrl);
    assert.deepEqual(settingsOf(made), settingsOf(bare), 'what was left out is what the server assumes');
  });
}

test('the OpenAPI description gives linters nothing to say', async (t) => {
  const server = await startServer(t);
  const source = (await server.call('GET', '/openapi.json')).text;
  const { createConfig, lintFromString } = createRequire(import.meta.url)('@redocly/openapi-core');
  const config = await createConfig({ extends: ['recommended-strict'] });
  const problems = await lintFromString({ source, config });
  assert.deepEqual(problems.map(({ ruleId, message, location }) => `${ruleId} ${location[0]?.pointer}: ${message}`), []);
});

// The endpoint as `GET` shows it.
async function created(server, body) {
  const answer = await server.call('POST', '/v1/endpoints', body);
  assert.equal(answer.status, 201, answer.text);
  return (await server.call('GET', `/v1/endpoints/${answer.json.id}`)).json;
}

function settingsOf({ id, url, created_at: created, updated_at: updated, ...settings }) {
  return settings;
}

// Its own caches: a home that cannot be written, or the settings of another Go, do not matter.
function goEnvironment() {
  const cache = path.join(CLIENTS, 'go', '.cache');
  mkdirSync(cache, { recursive: true });
  return { GOCACHE: path.join(cache, 'build'), GOPATH: path.join(cache, 'path'), GOFLAGS: '-modcacherw -buildvcs=false',
    CGO_ENABLED: '0', GOWORK: 'off' };
}

async function run(cwd, program, args, extra = {}) {
  const env = { ...process.env, PATH: `${VENV}:${process.env.PATH}`, ...extra };
  try {
    return await promisify(execFile)(program, args, { cwd, env, timeout: STEP_DEADLINE_MS, maxBuffer: 1 << 26 });
  } catch (error) {
    throw new Error(`${path.basename(program)} ${args.join(' ')}\n${error.stdout}\n${error.stderr || error.message}`);
  }
}
