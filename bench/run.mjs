// make bench: runs the workloads round by round, each round beginning with the ceiling C1, and prints what each reached
// as a share of it. A line of JSON per run goes to bench/results.jsonl; the last lines name every target that was missed.
//   --quick        one short round        --only W1,W10   these workloads        --rounds N
import { execFileSync } from 'node:child_process';
import { appendFileSync, readFileSync } from 'node:fs';
import { cpus, release } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, median } from './lib.mjs';
import { report } from './targets.mjs';
import * as isolation from './isolation.mjs';
import * as workloads from './workloads.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const args = process.argv.slice(2);
const quick = args.includes('--quick');
const option = (name, otherwise) => (args.includes(name) ? args[args.indexOf(name) + 1] : otherwise);

const plan = quick
  ? { warmup: 0.5, seconds: 1.5, idleSeconds: 5, backlog: 100_000, lanes: 400, hangSeconds: 2, tailSeconds: 7, growth: 200_000,
      dead: 500, deadPatience: 15_000, lagging: 100, owed: 100_000, turningRate: 5000, endpoints: 2000, types: 100 }
  : { warmup: 1, seconds: 3, idleSeconds: 15, backlog: 1_000_000, lanes: 1000, hangSeconds: 22, tailSeconds: 30, growth: 5_000_000,
      dead: 10_000, deadPatience: 60_000, lagging: 1000, owed: 10_000_000, turningRate: 5000, endpoints: 100_000, types: 1000 };
const everyRound = ['C1', 'W0', 'W1', 'W10', 'W100', 'WB', 'W1_nofsync', 'WL', 'W50', 'WS', 'WS_fast', 'WT1', 'WT10', 'WH', 'WP', 'WQ'];
const once = ['idle', 'WI', 'WK', 'WD', 'WM', 'WG', 'WE', 'WR'];
const rounds = Number(option('--rounds', quick ? 1 : 3));
const only = option('--only', '').split(',').filter(Boolean);
const wanted = (name) => name === 'C1' || only.length === 0 || only.includes(name);

function machine() {
  const git = (...a) => { try { return execFileSync('git', a, { cwd: here, encoding: 'utf8' }).trim(); } catch { return 'unknown'; } };
  const cache = readFileSync(join(build, 'CMakeCache.txt'), 'utf8');
  const compiler = /CMAKE_CXX_COMPILER:\w+=(.*)/.exec(cache)?.[1] ?? 'c++';
  const version = execFileSync(compiler, ['-dumpfullversion'], { encoding: 'utf8' }).trim();
  return { commit: git('rev-parse', '--short', 'HEAD'), compiler: `g++ ${version}`, kernel: release(), cores: cpus().length,
    cpu: cpus()[0]?.model };
}

const about = machine();
const all = {};  // workload -> results, one per round

async function run(name, results, c1) {
  const { p50_us, p99_us } = all.disk.at(-1);
  process.stderr.write(`  ${name} ...`);
  const result = await { ...workloads, ...isolation }[name](plan, results);
  result.ratio = c1 && result.delivered_per_s ? result.delivered_per_s / c1 : undefined;
  const line = { ...about, workload: name, c1, fdatasync_p50_us: p50_us, fdatasync_p99_us: p99_us, ...result };
  appendFileSync(join(here, 'results.jsonl'), `${JSON.stringify(line)}\n`);
  (all[name] ??= []).push(result);
  results[name] = result;
  process.stderr.write(` ${Math.round(result.delivered_per_s ?? result.acked_per_s ?? 0)}/s\n`);
  return result;
}

for (let round = 1; round <= rounds; round += 1) {
  process.stderr.write(`round ${round} of ${rounds}\n`);
  const results = {};
  (all.disk ??= []).push(workloads.probe());
  const c1 = (await run('C1', results)).delivered_per_s;
  for (const name of everyRound.slice(1).filter(wanted)) await run(name, results, c1);
  if (round === rounds) for (const name of once.filter(wanted)) await run(name, results, c1);
}

const missed = report(all, about, median);
process.exitCode = missed.lost ? 1 : 0;
