// A proxy as operators put it in front: it serves a server below a path, takes that path off, and says nothing else
// about itself.
import http from 'node:http';

const PROXY_DEADLINE_MS = 30_000;

// `target()`: the URL of the server, asked for each call, so that the proxy can be started first. `passHost`: whether
// the server sees the Host that was asked, or its own address. `strays`: what was asked outside of the path.
export async function startProxy(t, target, { prefix = '', passHost = true } = {}) {
  const strays = [];
  const proxy = http.createServer((request, response) => {
    const path = request.url === prefix ? '/' : request.url.slice(prefix.length);
    if (!request.url.startsWith(prefix) || !path.startsWith('/')) {
      strays.push(request.url);
      response.writeHead(404).end();
      return;
    }
    const to = new URL(target());
    const headers = { ...request.headers, ...(passHost ? {} : { host: to.host }) };
    const onward = http.request({ host: to.hostname, port: to.port, method: request.method, headers,
      path, agent: false, timeout: PROXY_DEADLINE_MS });
    onward.on('response', (answer) => {
      response.writeHead(answer.statusCode, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', () => response.destroy());
    request.pipe(onward);
  });
  await new Promise((resolve) => { proxy.listen(0, '127.0.0.1', resolve); });
  t.after(() => { proxy.closeAllConnections(); proxy.close(); });
  return { url: `http://127.0.0.1:${proxy.address().port}${prefix}`, strays };
}
