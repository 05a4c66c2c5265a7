// Load: many kept-alive connections, each posting one event after another as fast as the replies come, remembering
// what was acknowledged. Ends by itself when the server goes away.
import http from 'node:http';

import { parseJson } from './http.mjs';

const ANSWER_DEADLINE_MS = 20_000;

export class Load {
  // `draft(n)`: { target, body, headers } of the n-th request; `onAck(n, answer)`: called for every 2xx.
  constructor({ connections, draft, onAck = () => {} }) {
    Object.assign(this, { connections, draft, onAck });
    this.sent = 0;
    this.acked = new Map();    // n -> the reply's JSON
    this.refused = new Map();  // status -> how often
    this.unanswered = [];      // every n that got no whole reply: accepted or not, nobody knows
  }

  start(base) {
    const { hostname, port } = new URL(base);
    const agent = new http.Agent({ keepAlive: true, maxSockets: this.connections, maxFreeSockets: this.connections });
    this.stopping = false;
    const loop = async () => {
      while (!this.stopping && await this.#one(agent, hostname, port));
    };
    this.running = Promise.all(Array.from({ length: this.connections }, loop)).then(() => agent.destroy());
  }

  // Resolves when every request under way has its reply or lost its connection.
  async stop() {
    this.stopping = true;
    await this.running;
  }

  // False when the connection broke.
  async #one(agent, host, port) {
    const n = this.sent++;
    const { target, body, headers } = this.draft(n);
    try {
      const answer = await post(agent, host, port, target, Buffer.from(JSON.stringify(body)), headers);
      this.#note(n, answer);
      return true;
    } catch {
      this.unanswered.push(n);
      return false;
    }
  }

  #note(n, answer) {
    if (answer.status >= 200 && answer.status < 300) {
      this.acked.set(n, answer.json);
      this.onAck(n, answer.json);
    } else {
      this.refused.set(answer.status, (this.refused.get(answer.status) ?? 0) + 1);
    }
  }
}

function post(agent, host, port, path, bytes, more) {
  const headers = { 'content-type': 'application/json', 'content-length': bytes.length, ...more };
  return new Promise((resolve, reject) => {
    const request = http.request({ agent, host, port, method: 'POST', path, headers });
    request.setTimeout(ANSWER_DEADLINE_MS, () => request.destroy(new Error('no reply')));
    request.on('error', reject);
    request.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk) => { text += chunk; });
      response.on('end', () => resolve({ status: response.statusCode, json: parseJson(text) }));
      response.on('error', reject);
      response.on('aborted', () => reject(new Error('the reply broke off')));
    });
    request.end(bytes);
  });
}
