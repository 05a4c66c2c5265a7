// `exposee serve` as a person starts it: on a terminal of its own, which `script` (util-linux) makes.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';

import { call } from './http.mjs';
import { BINARY, environment } from './server.mjs';
import { inTime, until } from './time.mjs';

const DEADLINE_MS = 20_000;
const CTRL_C = '\x03';
// Few enough for the descriptors that any machine grants: else the start warns.
const MODEST = { 'server.max_connections': 100, 'delivery.max_connections': 100 };

// A bare root may have no devpts. Then `script` gets one in a mount namespace of its own, which nobody else sees.
const OWN_TERMINALS = 'mount --make-private /dev &&'
  + ' mount -t devpts -o newinstance,ptmxmode=0666 devpts /dev/pts &&'
  + ' mount --bind /dev/pts/ptmx /dev/ptmx && exec "$@"';
const MAKE_TERMINAL = existsSync('/dev/pts/ptmx')
  ? ['script'] : ['unshare', '--mount', '--propagation', 'unchanged', 'sh', '-c', OWN_TERMINALS, 'sh', 'script'];

// Waits until the whole banner is there. Gives { text, url, call, pressCtrlC }.
export async function startOnTerminal(t, data) {
  const terminal = new Terminal(data);
  t.after(() => terminal.child.kill('SIGKILL'));
  await until(() => terminal.exit || /^Ready in .*\n/m.test(terminal.text),
    { within: DEADLINE_MS, what: 'the banner' });
  terminal.url = terminal.text.match(/^Exposee \S+ · (\S+)$/m)?.[1];
  if (!terminal.url) throw new Error(`no banner but: ${terminal.text}`);
  return terminal;
}

class Terminal {
  constructor(data) {
    this.text = '';  // all that the terminal showed, with the ends of lines of a file
    const words = [BINARY, 'serve', '--listen', '127.0.0.1:0', '--data', data].map(quoted).join(' ');
    const [program, ...args] = [...MAKE_TERMINAL, '--quiet', '--return', '--command', `exec ${words}`, '/dev/null'];
    this.child = spawn(program, args, { cwd: tmpdir(), env: environment(MODEST), stdio: ['pipe', 'pipe', 'inherit'] });
    this.child.stdout.setEncoding('utf8');
    this.child.stdout.on('data', (text) => { this.text += text.replaceAll('\r\n', '\n'); });
    this.exited = new Promise((resolve) => this.child.on('close', (code) => { resolve(this.exit = { code }); }));
  }

  call(method, target, body, headers) {
    return call(this.url, method, target, body, headers);
  }

  async pressCtrlC() {
    this.child.stdin.write(CTRL_C);
    return inTime(DEADLINE_MS, 'the end after Ctrl-C', this.exited);
  }
}

const quoted = (word) => `'${word.replaceAll("'", "'\\''")}'`;
