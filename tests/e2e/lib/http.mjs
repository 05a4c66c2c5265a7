// One HTTP call on a connection of its own (so a killed server never poisons a pool), with exactly the given headers.
import http from 'node:http';

const CALL_DEADLINE_MS = 60_000;

// `body`: undefined, a Buffer or string sent as it is, or any other value sent as JSON. Header values of `null` drop
// the default. Gives { status, headers, text, json } where json is undefined when the reply is none.
export function call(base, method, target, body, headers = {}) {
  const url = new URL(base);
  const bytes = toBytes(body);
  const allHeaders = { connection: 'close' };
  if (bytes !== undefined) {
    Object.assign(allHeaders, { 'content-type': 'application/json', 'content-length': bytes.length });
  }
  for (const [name, value] of Object.entries(headers)) {
    if (value === null) delete allHeaders[name];
    else allHeaders[name] = value;
  }
  return new Promise((resolve, reject) => {
    const request = http.request(
      { host: url.hostname, port: url.port, method, path: target, headers: allHeaders, agent: false });
    request.setTimeout(CALL_DEADLINE_MS, () => request.destroy(new Error(`${method} ${target}: no reply`)));
    request.on('error', reject);
    request.on('response', async (response) => {
      try {
        resolve(await readReply(response));
      } catch (error) {
        reject(error);
      }
    });
    request.end(bytes);
  });
}

async function readReply(response) {
  const chunks = [];
  for await (const chunk of response) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString('utf8');
  return { status: response.statusCode, headers: response.headers, text, json: parseJson(text) };
}

function toBytes(body) {
  if (body === undefined) return undefined;
  if (Buffer.isBuffer(body)) return body;
  return Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
}

export function parseJson(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
