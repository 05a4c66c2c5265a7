// What the kernel does to a running server, made up by strace: calls that fail, calls that take long.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import path from 'node:path';

import { newDirectory } from './server.mjs';
import { inTime, until } from './time.mjs';

const END_DEADLINE_MS = 5_000;

// From now on the server's calls `what` meet `fault`, as strace's option `inject` has it: 'error=EIO:when=1+',
// 'delay_exit=5000' (microseconds). Until end() or the end of the test.
export async function inject(t, server, what, fault) {
  const trace = path.join(newDirectory(t), 'trace');
  const tracer = spawn('strace', ['-f', '-qq', '-o', trace, '-p', String(server.child.pid), '-e', `trace=${what}`,
    '-e', `inject=${what}:${fault}`], { stdio: 'ignore' });
  const ended = once(tracer, 'exit');
  t.after(() => tracer.kill('SIGKILL'));
  const status = `/proc/${server.child.pid}/status`;
  await until(() => !/TracerPid:\t0\n/.test(readFileSync(status, 'utf8')), { what: 'strace to be there' });
  return {
    met: () => /\((INJECTED|DELAYED)\)/.test(readFileSync(trace, 'utf8')),
    end: () => { tracer.kill('SIGINT'); return inTime(END_DEADLINE_MS, 'the end of strace', ended); },
  };
}
