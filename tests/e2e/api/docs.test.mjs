// /docs in a real browser, with no network: Swagger UI renders every call, says nothing on the console, and asks no
// other origin for anything.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { chromium } from 'playwright-core';

import { startProxy } from '../lib/proxy.mjs';
import { startServer } from '../lib/server.mjs';

const BROWSERS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const BROWSER = process.env.CHROMIUM ?? BROWSERS.find(existsSync);
const QUIET = ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update',
  '--disable-sync', '--no-first-run', '--disable-dev-shm-usage'];
const OPERATIONS = ['POST /webhook', 'DELETE /webhook', 'GET /webhooks', 'POST /ping', 'POST /users', 'GET /users',
  'POST /users/messages', 'GET /users/messages'];

// A page that remembers what it asked for and what went wrong.
async function watchedPage(t) {
  const browser = await chromium.launch({ executablePath: BROWSER, args: QUIET });
  t.after(() => browser.close());
  const page = await browser.newPage();
  const seen = { requests: [], complaints: [], failed: [] };
  page.on('request', (request) => seen.requests.push(request.url()));
  page.on('requestfailed', (request) => seen.failed.push(`${request.url()} ${request.failure()?.errorText}`));
  page.on('response', (response) => {
    if (response.status() >= 400) seen.failed.push(`${response.url()} ${response.status()}`);
  });
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) seen.complaints.push(message.text());
  });
  page.on('pageerror', (error) => seen.complaints.push(error.message));
  return { page, seen };
}

async function shownOperations(page) {
  return page.$$eval('.opblock-summary', (blocks) => blocks.map((block) => {
    const text = (selector) => block.querySelector(selector)?.textContent.replace(/[^\x21-\x7e]/g, '');
    return `${text('.opblock-summary-method')} ${text('.opblock-summary-path')}`;
  }));
}

test('/docs renders every call without a complaint or a foreign request', { timeout: 60_000 }, async (t) => {
  const server = await startServer(t);
  const { page, seen } = await watchedPage(t);
  await page.goto(`${server.url}/docs`);
  await page.waitForSelector('.opblock-summary-path', { timeout: 20_000 });
  const shown = await shownOperations(page);
  for (const operation of OPERATIONS) assert.ok(shown.includes(operation), `${operation} among ${shown.join(', ')}`);
  await page.waitForLoadState('networkidle');
  assert.deepEqual(seen.complaints, []);
  assert.deepEqual(seen.failed, []);
  const overTheNetwork = seen.requests.filter((url) => !/^(data|blob):/.test(url));
  const origins = new Set(overTheNetwork.map((url) => new URL(url).origin));
  assert.deepEqual([...origins], [server.url]);
});

test('a call can be tried from /docs', { timeout: 60_000 }, async (t) => {
  const server = await startServer(t);
  const { page, seen } = await watchedPage(t);
  await page.goto(`${server.url}/docs`);
  const block = page.locator('.opblock-get', { has: page.locator('[data-path="/users"]') });
  await block.locator('.opblock-summary').click();
  await block.locator('button.execute').click();
  const code = block.locator('.live-responses-table .response-col_status').nth(1);
  await code.waitFor({ timeout: 20_000 });
  assert.match(await code.textContent(), /200/);
  assert.deepEqual(seen.complaints, []);
});

test('/docs works below the path of a proxy, without any setting', { timeout: 60_000 }, async (t) => {
  const server = await startServer(t);
  const proxy = await startProxy(t, () => server.url, { prefix: '/hooks' });
  const { page, seen } = await watchedPage(t);
  await page.goto(`${proxy.url}/`);
  assert.equal(page.url(), `${proxy.url}/docs`);
  const block = page.locator('.opblock-post', { has: page.locator('[data-path="/users"]') });
  await block.locator('.opblock-summary').click();
  await block.locator('button.execute').click();
  const code = block.locator('.live-responses-table .response-col_status').nth(1);
  await code.waitFor({ timeout: 20_000 });
  assert.match(await code.textContent(), /200/);
  await page.waitForLoadState('networkidle');
  assert.equal((await server.call('GET', '/users')).json.length, 1, 'the call reached the server');
  assert.deepEqual([seen.complaints, seen.failed, proxy.strays], [[], [], []]);
});

test('the page allows no inline script and no foreign source', async (t) => {
  const server = await startServer(t);
  const answer = await server.call('GET', '/docs');
  assert.match(answer.headers['content-type'], /^text\/html/);
  const policy = answer.headers['content-security-policy'] ?? '';
  assert.match(policy, /default-src 'self'|default-src 'none'/);
  const scripts = policy.split(';').find((part) => part.trim().startsWith('script-src')) ?? policy;
  assert.doesNotMatch(scripts, /unsafe|https?:|\*/);
});
