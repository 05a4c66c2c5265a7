// A receiver to try Exposee with, on Node alone:  SECRET=whsec_... node examples/receiver.mjs [PORT]
// Verifies each delivery (Standard Webhooks 1.0, `v1`) and prints it. In production use a published library, as
// docs/receiving.md shows; this file has none to install.
import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';

const TOLERANCE_SECONDS = 300; // an older or newer message may be a replay
const port = Number(process.argv[2] ?? 9000);
if (!/^whsec_.+/.test(process.env.SECRET ?? '')) {
  console.error('SECRET is not set: no delivery could be verified. Start it with the secret of your endpoint, which\n'
    + '  curl http://127.0.0.1:8000/v1/endpoints/ep_.../secret\n'
    + 'shows:  SECRET=whsec_... node examples/receiver.mjs');
  process.exit(2);
}
const key = Buffer.from(process.env.SECRET.replace(/^whsec_/, ''), 'base64');

function isGenuine(headers, body) {
  const { 'webhook-id': id, 'webhook-timestamp': sent, 'webhook-signature': signatures = '' } = headers;
  const age = Math.abs(Date.now() / 1000 - Number(sent));
  if (!(age <= TOLERANCE_SECONDS)) return false;
  const signed = Buffer.concat([Buffer.from(`${id}.${sent}.`), body]); // the bytes received, never re-serialised
  const wanted = Buffer.from(`v1,${createHmac('sha256', key).update(signed).digest('base64')}`);
  const matches = (one) => one.length === wanted.length && timingSafeEqual(one, wanted);
  return signatures.split(' ').some((entry) => matches(Buffer.from(entry)));
}

createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = Buffer.concat(chunks);
  const genuine = isGenuine(request.headers, body);
  response.writeHead(genuine ? 204 : 401).end();
  console.log(genuine ? 'verified' : 'NOT VERIFIED', request.headers['webhook-id'], body.toString());
}).on('error', (error) => {
  console.error(`cannot listen on port ${port}: ${error.message}; name another one: node examples/receiver.mjs 9001`);
  process.exitCode = 1;
}).listen(port, '127.0.0.1', function () {
  console.log(`waiting on http://127.0.0.1:${this.address().port}/hook`);
});
