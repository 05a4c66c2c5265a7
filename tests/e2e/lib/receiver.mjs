// A receiver inside the test's process: records the raw body and headers of every request and answers as told.
import http from 'node:http';
import https from 'node:https';

import { until } from './time.mjs';

// A response is { status, headers, body }, or a function of (request, record) that gives one, perhaps later; the
// functions below never give a proper one.
export const OK = { status: 200, headers: {}, body: '' };
export const status = (code, headers = {}, body = '') => ({ status: code, headers, body });
export const json = (value, code = 200) => status(code, { 'content-type': 'application/json' }, JSON.stringify(value));
export const hang = () => new Promise(() => {});
export const hangUp = (request) => { request.socket.destroy(); };
export const garbage = (request) => { request.socket.end('SSH-2.0-OpenSSH_9.2p1\r\n'); };

export async function startReceiver(t, { tls } = {}) {
  const receiver = new Receiver(tls);
  await receiver.listen();
  t.after(() => receiver.close());
  return receiver;
}

class Receiver {
  constructor(tls) {
    this.records = [];       // every request in order of arrival, once its body is whole
    this.started = 0;        // requests whose head has arrived
    this.counts = new Map();  // requests per path
    this.scripts = new Map();
    this.sockets = new Set();
    const take = (request, response) => this.#take(request, response);
    this.scheme = tls ? 'https' : 'http';
    this.server = tls ? https.createServer(tls, take) : http.createServer(take);
    this.server.keepAliveTimeout = 0;  // never the receiver that ends an idle connection
    this.server.on('connection', (socket) => this.#follow(socket));
    this.server.on('tlsClientError', () => {});
  }

  async listen() {
    await new Promise((resolve, reject) => {
      this.server.on('error', reject);
      this.server.listen({ host: '127.0.0.1', port: 0, backlog: 1024 }, resolve);
    });
    this.port = this.server.address().port;
  }

  url(path = '/hook', host = '127.0.0.1') {
    return `${this.scheme}://${host}:${this.port}${path}`;
  }

  // The responses to the requests for this path, in order; the last one for all that follow.
  script(path, ...answers) {
    this.scripts.set(path, answers);
    return this.url(path);
  }

  to(path) {
    return this.records.filter((record) => record.path === path);
  }

  count(path) {
    return this.counts.get(path) ?? 0;
  }

  async waitFor(path, count, within = 10_000) {
    await until(() => this.count(path) >= count, { within, what: `${count} requests to ${path}` });
    return this.to(path);
  }

  close() {
    for (const socket of this.sockets) socket.destroy();
    return new Promise((resolve) => this.server.close(resolve));
  }

  #follow(socket) {
    this.sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => this.sockets.delete(socket));
  }

  async #take(request, response) {
    this.started += 1;
    const chunks = [];
    try {
      for await (const chunk of request) chunks.push(chunk);
    } catch {
      return;  // the sender went away in the middle (a kill): no request was received
    }
    const record = this.#record(request, Buffer.concat(chunks));
    const answer = await this.#answerTo(request, record);
    if (!answer || response.destroyed) return;
    response.writeHead(answer.status, answer.headers);
    response.end(answer.body);
  }

  #record(request, body) {
    const nth = this.count(request.url);
    const { url: path, method, headers, rawHeaders } = request;
    const { remotePort } = request.socket;
    const record = { path, nth, method, headers, rawHeaders, body, at: Date.now(), remotePort };
    this.records.push(record);
    this.counts.set(request.url, nth + 1);
    return record;
  }

  #answerTo(request, record) {
    const answers = this.scripts.get(record.path) ?? [OK];
    const answer = answers[Math.min(record.nth, answers.length - 1)];
    return typeof answer === 'function' ? answer(request, record) : answer;
  }
}
