// What is wanted of each figure, and the table for people. A ratio is taken within one round, so that both sides saw the
// same machine; the table shows the median over the rounds.
const of = (all, name, get) => (all[name] ?? []).map(get).filter((v) => v !== undefined && Number.isFinite(v));
const pairs = (all, a, b, get) =>
  (all[a] ?? []).map((one, i) => (all[b]?.[i] ? get(one) / get(all[b][i]) : undefined)).filter(Number.isFinite);
const delivered = (r) => r.delivered_per_s;
const acked = (r) => r.acked_per_s;

// name, unit, how to get its values, must, goal; `least`: more is better.
const TARGETS = [
  ['W10 ÷ C1', '', (all) => pairs(all, 'W10', 'C1', delivered), 0.6, 0.8, 'least'],
  ['W1 ÷ C1', '', (all) => pairs(all, 'W1', 'C1', delivered), 0.37, 0.45, 'least'],
  ['WB ÷ C1', '', (all) => pairs(all, 'WB', 'C1', delivered), 0.5, 0.7, 'least'],
  ['W0 ÷ C1', '', (all) => (all.W0 ?? []).map((r, i) => acked(r) / delivered(all.C1[i])), 0.48, 0.62, 'least'],
  ['WT(W10) ÷ C1', '', (all) => pairs(all, 'WT10', 'C1', delivered), 0.4, 0.55, 'least'],
  ['fsync on ÷ off, W1', '', (all) => pairs(all, 'W1', 'W1_nofsync', delivered), 0.82, 0.92, 'least'],
  ['WL receipt p50 ÷ fdatasync p50', '', (all) => (all.WL ?? []).map((r, i) => r.receipt.p50_us / all.disk[i].p50_us), 4, 2],
  ['WL receipt p99', 'ms', (all) => of(all, 'WL', (r) => r.receipt.p99_us / 1000), 6, 2],
  ['WI receipt p50 ÷ fdatasync after rest', '', (all) => of(all, 'WI', (r) => r.receipt.p50_us / r.rested_fdatasync.p50_us), 3, 1.5],
  ['WS ÷ fast receivers', '', (all) => pairs(all, 'WS', 'WS_fast', delivered), 0.55, 0.7, 'least'],
  ['WH healthy p99, hanging ÷ not', '', (all) => of(all, 'WH', (r) => r.receipt.p99_us / r.calm_p99_us), 1.1, 1.02],
  ['WP ÷ W1', '', (all) => pairs(all, 'WP', 'W1', delivered), 0.9, 0.97, 'least'],
  ['WQ ack p99, slow ÷ before', '', (all) => of(all, 'WQ', (r) => r.slow_ack.p99_us / r.ack.p99_us), 2, 1.1],
  ['WQ ack p99, hanging ÷ before', '', (all) => of(all, 'WQ', (r) => r.hanging_ack.p99_us / r.ack.p99_us), 2, 1.1],
  ['WG last ÷ first fifth', '', (all) => of(all, 'WG', (r) => r.last_to_first), 0.8, 0.95, 'least'],
  ['rate while retention works ÷ before', '', (all) => of(all, 'WG', (r) => r.expiring_to_last), 0.5, 0.8, 'least'],
  ['list of deliveries after WG, p95', 'ms', (all) => of(all, 'WG', (r) => r.list_p95_ms), 50, 50],
  ['start with the backlog pending', 's', (all) => of(all, 'WM', (r) => r.start_ms / 1000), 0.2, 0.03],
  ['WE start', 's', (all) => of(all, 'WE', (r) => r.start_ms / 1000), 3, 1],
  ['WE one change, its commit included', 'ms', (all) => of(all, 'WE', (r) => r.change_ms), 1, 0.2],
  ['WE memory of an endpoint', 'KB', (all) => of(all, 'WE', (r) => r.each_bytes / 1000), 1.5, 0.7],
  ['WR publishing again', 's', (all) => of(all, 'WR', (r) => r.publishing_ms / 1000), 2, 0.2],
  ['WR owed exact', 's', (all) => of(all, 'WR', (r) => r.exact_ms / 1000), 10, 1],
  ['RSS at W1\'s peak', 'MB', (all) => of(all, 'W1', (r) => r.rss_bytes / 1e6), 45, 25],
  ['RSS with the backlog pending', 'MB', (all) => of(all, 'WM', (r) => r.rss_bytes / 1e6), 45, 20],
  ['RSS idle', 'MB', (all) => of(all, 'idle', (r) => r.rss_bytes / 1e6), 22, 12],
  ['50 events/s receipt p50 ÷ fdatasync p50', '', (all) => (all.W50 ?? []).map((r, i) => r.receipt.p50_us / all.disk[i].p50_us), 5, 2.5],
  ['50 events/s receipt p99', 'ms', (all) => of(all, 'W50', (r) => r.receipt.p99_us / 1000), 3, 1],
  ['kill -9 under load: resumed after', 's', (all) => of(all, 'WK', (r) => r.resumed_ms / 1000), 0.5, 0.1],
];

const show = (value) => (value === undefined ? '-' : value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2));

export function report(all, about, median) {
  console.log(`\n${about.cpu}, ${about.cores} cores, Linux ${about.kernel}, ${about.compiler}, commit ${about.commit}\n`);
  console.log('workload       delivered/s   acked/s  ratio  ack p50/p99 ms   receipt p50/p99 ms  events/commit  RSS MB  lost  dup');
  const lines = Object.entries(all).filter(([name]) => name !== 'disk');
  for (const [name, runs] of lines) console.log(row(name, runs, median));
  console.log(`\nfdatasync p50 ${show(median(all.disk.map((d) => d.p50_us)) / 1000)} ms, p99 ${show(median(all.disk.map((d) => d.p99_us)) / 1000)} ms`);
  console.log('\nfigure                                    measured     must     goal');
  const missed = [];
  for (const [name, unit, values, must, goal, least] of TARGETS) {
    const found = values(all);
    if (found.length === 0) continue;
    const value = median(found);
    const reaches = (bound) => (least ? value >= bound : value <= bound);
    const mark = reaches(goal) ? 'goal' : reaches(must) ? 'must' : 'MISSED';
    console.log(`${name.padEnd(38)} ${`${show(value)} ${unit}`.padStart(11)} ${show(must).padStart(8)} ${show(goal).padStart(8)}  ${mark}`);
    if (mark === 'MISSED') missed.push(`missed: ${name} is ${show(value)} ${unit}, must be ${least ? 'at least' : 'at most'} ${must}`);
  }
  const lost = lines.flatMap(([name, runs]) => [
    ...runs.filter((r) => r.lost > 0).map((r) => `LOST: ${name} lost ${r.lost}`),
    ...runs.filter((r) => r.forged > 0).map((r) => `FORGED: ${name} sent ${r.forged} signatures that do not hold`),
  ]);
  console.log(['', ...missed, ...lost].join('\n'));
  return { missed, lost: lost.length };
}

function row(name, runs, median) {
  const m = (get) => { const v = runs.map(get).filter((x) => x !== undefined); return v.length ? median(v) : undefined; };
  const ms = (get) => { const v = m(get); return v === undefined ? undefined : v / 1000; };
  return [
    name.padEnd(12), show(m((r) => r.delivered_per_s)).padStart(12), show(m((r) => r.acked_per_s)).padStart(10),
    show(m((r) => r.ratio)).padStart(6),
    `${show(ms((r) => r.ack?.p50_us))} / ${show(ms((r) => r.ack?.p99_us))}`.padStart(17),
    `${show(ms((r) => r.receipt?.p50_us))} / ${show(ms((r) => r.receipt?.p99_us))}`.padStart(19),
    show(m((r) => r.events_per_commit)).padStart(13), show(m((r) => (r.rss_bytes === undefined ? undefined : r.rss_bytes / 1e6))).padStart(8),
    String(runs.reduce((n, r) => n + (r.lost ?? 0), 0)).padStart(5), String(runs.reduce((n, r) => n + (r.duplicates ?? 0), 0)).padStart(4),
  ].join(' ');
}
