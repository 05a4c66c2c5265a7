// Bytes over a socket, for what no HTTP client would send.
import net from 'node:net';

import { gate, inTime } from './time.mjs';

const ANSWER_DEADLINE_MS = 20_000;

export class RawConnection {
  static async open(base) {
    const { hostname, port } = new URL(base);
    const connection = new RawConnection(net.connect({ host: hostname, port: Number(port), noDelay: true }));
    await inTime(ANSWER_DEADLINE_MS, 'the connection', new Promise((resolve, reject) => {
      connection.socket.once('connect', resolve);
      connection.socket.once('error', reject);
    }));
    return connection;
  }

  constructor(socket) {
    this.socket = socket;
    this.text = '';
    this.closed = false;
    const ended = gate();
    this.ended = ended.opened;
    socket.on('data', (chunk) => { this.text += chunk.toString('latin1'); });
    socket.on('error', () => {});  // a reset while we still write is the server closing on us
    for (const name of ['end', 'close']) {
      socket.on(name, () => {
        this.closed = true;
        ended.open();
      });
    }
  }

  send(bytes) {
    if (!this.socket.destroyed) this.socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
  }

  // The statuses of all answers so far, those of 1xx included.
  statuses() {
    return [...this.text.matchAll(/HTTP\/1\.[01] (\d{3})/g)].map((match) => Number(match[1]));
  }

  async untilClosed(within = ANSWER_DEADLINE_MS) {
    await inTime(within, `the server closing the connection; so far: ${JSON.stringify(this.text)}`, this.ended);
    return this;
  }

  destroy() {
    this.socket.destroy();
  }
}

// Sends the bytes and reads until the server closes.
export async function exchange(base, bytes, within) {
  const connection = await RawConnection.open(base);
  try {
    connection.send(bytes);
    return await connection.untilClosed(within);
  } finally {
    connection.destroy();
  }
}
