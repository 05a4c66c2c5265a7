// The workloads, each a function from the plan (durations, sizes) to one result. Every one checks that what was
// acknowledged arrived: a figure of a run that lost something is worth nothing.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Receiver, Server, call, disk, drained, load, sleep, wrk } from './lib.mjs';

export const CONNECTIONS = 256; // of the load, unless a workload says otherwise
export const TYPE = 'bench';

// Load against the receiver alone: one thread, 64 connections, the body of a delivery. The ceiling of this machine.
export async function C1(plan) {
  const receiver = await Receiver.start();
  await load(receiver.port, { path: '/c1', connections: 64, seconds: plan.warmup, direct: 1 });
  await receiver.reset();
  const sent = await load(receiver.port, { path: '/c1', connections: 64, seconds: plan.seconds, direct: 1, bytes: 420 });
  const stats = await receiver.stats();
  const wrk_per_s = wrk(receiver.port, plan.seconds);
  await receiver.stop();
  return { delivered_per_s: rate(stats), acked_per_s: sent.acked / sent.seconds, wrk_per_s, connections: 64,
    lost: Math.max(0, sent.acked - stats.distinct) };
}

export const rate = (stats) => (stats.posts > 1 ? (stats.posts - 1) / ((stats.last_us - stats.first_us) / 1e6) : 0);

export async function withServer(options, work) {
  const server = await Server.start(options);
  try {
    await server.declare(TYPE);
    return await work(server);
  } finally {
    if (server.child.exitCode === null && server.child.signalCode === null) await server.stop();
    server.remove();
  }
}

// Tells the receiver the secrets, so that it verifies.
export async function subscribeMany(server, receiver, count, more = {}, prefix = '/hook/') {
  const base = `${receiver.tls ? 'https' : 'http'}://127.0.0.1:${receiver.port}`;
  const lines = [];
  for (let at = 0; at < count; at += 50) {
    const paths = Array.from({ length: Math.min(50, count - at) }, (_, i) => `${prefix}${at + i}`);
    const made = await Promise.all(paths.map((path) => server.subscribe(base + path, [TYPE], more)));
    made.forEach((endpoint, i) => lines.push(`${paths[i]} ${endpoint.secret}`));
  }
  for (let at = 0; at < lines.length; at += 500) await receiver.learn(lines.slice(at, at + 500));
}

// The core of most workloads: warm up, drain, forget, measure, drain, compare.
async function deliver(plan, { fanOut, receiverArgs = [], server: serverOptions = {}, endpoint = {}, ...loadOptions }) {
  return withServer(serverOptions, async (server) => {
    const receiver = await Receiver.start(...receiverArgs);
    try {
      await subscribeMany(server, receiver, fanOut, endpoint);
      const options = { connections: CONNECTIONS, event: TYPE, ...loadOptions };
      const warm = await load(server.port, { ...options, seconds: plan.warmup });
      const before = await drained(receiver, warm.acked * fanOut, 20_000);
      const warm_lost = warm.acked * fanOut - before.distinct;
      await receiver.reset();
      const cpu = server.cpu();
      const acks = await load(server.port, { ...options, seconds: plan.seconds });
      const peak = server.rss();
      const stats = await drained(receiver, acks.acked * fanOut, 20_000);
      const used = server.cpu();
      const result = summary({ acks, stats, fanOut, cpu, used, peak, files: server.files() });
      result.lost += warm_lost;
      await server.stop();
      return { ...result, connections: options.connections, ...commits(server) };
    } finally {
      await receiver.stop();
    }
  });
}

function summary({ acks, stats, fanOut, cpu, used, peak, files }) {
  const owed = acks.acked * fanOut;
  const user = (used.user - cpu.user) * 1e6, system = (used.system - cpu.system) * 1e6;
  return {
    fan_out: fanOut, acked_per_s: acks.acked / acks.seconds, delivered_per_s: rate(stats), ack: acks.latency, receipt: stats.latency,
    user_us_per_event: user / Math.max(acks.acked, 1), system_us_per_event: system / Math.max(acks.acked, 1),
    user_us_per_delivery: user / Math.max(stats.posts, 1), system_us_per_delivery: system / Math.max(stats.posts, 1),
    rss_bytes: peak, ...files,
    acked: acks.acked, errors: acks.errors, duplicates: stats.duplicates, verified: stats.verified, forged: stats.forged,
    lost: Math.max(0, owed - stats.distinct),
  };
}

function commits(server) {
  const s = server.stopped ?? {};
  const seconds = (server.stoppedAt - server.readyAt) / 1000;
  return { commits: s.commits, commits_per_s: s.commits / seconds, pending_max: s.most_pending,
    events_per_commit: s.commits ? s.events / s.commits : undefined };
}

export const W1 = (plan) => deliver(plan, { fanOut: 1 });
export const W10 = (plan) => deliver(plan, { fanOut: 10 });
export const W100 = (plan) => deliver(plan, { fanOut: 100 });
export const WB = (plan) => deliver(plan, { fanOut: 1, batch: 50, connections: 64 });
export const W1_nofsync = (plan) => deliver(plan, { fanOut: 1, server: { env: { EXPOSEE_STORAGE_DURABLE: 'false' } } });

export async function W0(plan) {
  return withServer({}, async (server) => {
    const options = { connections: CONNECTIONS, event: TYPE };
    await load(server.port, { ...options, seconds: plan.warmup });
    const cpu = server.cpu();
    const acks = await load(server.port, { ...options, seconds: plan.seconds });
    const used = server.cpu();
    const result = { acked_per_s: acks.acked / acks.seconds, ack: acks.latency, acked: acks.acked, errors: acks.errors,
      fan_out: 0, connections: CONNECTIONS, user_us_per_event: ((used.user - cpu.user) * 1e6) / acks.acked,
      system_us_per_event: ((used.system - cpu.system) * 1e6) / acks.acked, rss_bytes: server.rss(), ...server.files(), lost: 0 };
    await server.stop();
    return { ...result, ...commits(server) };
  });
}

export const WL = (plan, results) =>
  deliver(plan, { fanOut: 1, rate: Math.max(100, Math.floor((results.W1?.delivered_per_s ?? 6000) / 3)) });
// Measured against a disk that rests as long as the events do.
export async function WI(plan) {
  const result = await deliver({ ...plan, seconds: plan.idleSeconds }, { fanOut: 1, rate: 1, connections: 4 });
  return { ...result, rested_fdatasync: disk(process.env.BENCH_DIR, '--rest-ms', 1000, '--count', plan.idleSeconds) };
}
export const W50 = (plan) => deliver(plan, { fanOut: 1, rate: 50, connections: 16 });

// Receivers that take 50 ms: 64 endpoints, so that 64 attempts each make the 4,000 connections, which carry 80,000
// attempts a second at most. Slow receivers hold no acknowledgement up, so the load is paced, a little above that: what
// a closed loop would pile up took minutes to drain and said nothing more.
export const WS = (plan) => deliver(plan, { fanOut: 64, rate: 1500, receiverArgs: ['--delay-ms', 50] });
export const WS_fast = (plan) => deliver(plan, { fanOut: 64 });

// 1,000 endpoints of which half hang, against the healthy half alone: before the others come and after they are removed,
// on the same server, so that a disk that changes its mood in between touches both sides. As many event types as pairs,
// each with one healthy and one hanging endpoint, so that every event meets both kinds. Those that hang do so long enough
// to run into their time limit (15 s) and be tried again (5 s later) all the time; --quick sees only the first of them
// hang. They are another receiver's, so that they cost the healthy one nothing.
export async function WH(plan) {
  return withServer({}, async (server) => {
    const receiver = await Receiver.start(), deaf = await Receiver.start('--hang', '/');
    const pairs = plan.lanes / 2;
    const subscribe = async (i, path, port) =>
      (await server.subscribe(`http://127.0.0.1:${port}/${path}/${i}`, [`${TYPE}${i}`])).id;
    let lost = 0;
    const pace = async (seconds) => {
      const acks = await load(server.port, { connections: 64, rate: 1000, event: TYPE, types: pairs, seconds });
      const stats = await drained(receiver, acks.acked);
      lost += Math.max(0, acks.acked - stats.distinct);
      await receiver.reset();
      return { acks, stats };
    };
    const calm = async () => (await pace(2), (await pace(plan.tailSeconds)).stats.latency.p99_us);
    try {
      for (let i = 0; i < pairs; i += 1) await server.declare(`${TYPE}${i}`), await subscribe(i, 'ok', receiver.port);
      const before = await calm();
      const hanging = [];
      for (let i = 0; i < pairs; i += 1) hanging.push(await subscribe(i, 'hang', deaf.port));
      await pace(plan.hangSeconds);
      const cpu = server.cpu();
      const { acks, stats } = await pace(plan.tailSeconds);
      const result = summary({ acks, stats, fanOut: 1, cpu, used: server.cpu(), peak: server.rss(), files: server.files() });
      for (const id of hanging) await call(server.port, 'DELETE', `/v1/endpoints/${id}`);
      const after = await calm();
      return { ...result, lost, calm_p99_us: (before + after) / 2, calm: { before, after } };
    } finally {
      await Promise.all([receiver.stop(), deaf.stop()]);
      await server.kill();
    }
  });
}

// TLS 1.3, verified against a certificate of our own.
async function overTls(plan, fanOut) {
  const dir = mkdtempSync(join(tmpdir(), 'exposee-bench-tls-'));
  const { execFileSync } = await import('node:child_process');
  const [key, cert] = [join(dir, 'key.pem'), join(dir, 'cert.pem')];
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2',
    '-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', key, '-out', cert], { stdio: 'ignore' });
  try {
    return await deliver(plan, { fanOut, receiverArgs: ['--tls-cert', cert, '--tls-key', key],
      server: { env: { EXPOSEE_SECURITY_EXTRA_CA_FILE: cert } } });
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
export const WT1 = (plan) => overTls(plan, 1);
export const WT10 = (plan) => overTls(plan, 10);

// Kill under full load, start again: what was acknowledged arrives, and soon.
export async function WK(plan) {
  const server = await Server.start();
  let second;
  const receiver = await Receiver.start();
  try {
    await server.declare(TYPE);
    await subscribeMany(server, receiver, 1);
    const loading = load(server.port, { connections: CONNECTIONS, event: TYPE, seconds: 60 });
    await sleep(plan.seconds * 1000);
    await server.kill();
    const { acked } = await loading;
    await sleep(200); // what was on its way to the receiver arrives
    const before = await receiver.stats();
    second = await Server.start({ dir: server.dir });
    const began = Date.now();
    let after = await receiver.stats();
    while (after.posts === before.posts && Date.now() - began < 5000) after = await receiver.stats();
    const resumed_ms = Date.now() - began;
    after = await drained(receiver, acked, 2000);
    await sleep(500); // duplicates, if any, come with the rest
    after = await receiver.stats();
    return { resumed_ms, start_ms: second.startMs, duplicates: after.duplicates, acked,
      lost: Math.max(0, acked - after.distinct) };
  } finally {
    await receiver.stop();
    await second?.stop();
    server.remove();
  }
}

// Memory and start with a large backlog: the receiver is down, the server starts again, and in the end the receiver is
// back and gets all of it.
export async function WM(plan) {
  const server = await Server.start();
  let again, back;
  try {
    await server.declare(TYPE);
    const gone = await Receiver.start();
    await subscribeMany(server, gone, 1);
    await gone.stop();
    let acked = 0;
    while (acked < plan.backlog) {
      acked += (await load(server.port, { connections: CONNECTIONS, event: TYPE, seconds: 1 })).acked;
    }
    const rss_loaded = server.rss();
    await server.stop();
    again = await Server.start({ dir: server.dir });
    await sleep(1000); // so that the windows are filled
    const rss_bytes = Math.max(rss_loaded, again.rss());
    back = await Receiver.start('--port', gone.port);
    // The few that were attempted before the breaker opened wait for their next attempt, minutes away.
    const { distinct } = await drained(back, acked, 10_000);
    const waiting = await stillPending(again);
    return { pending: acked, acked, waiting, rss_bytes, start_ms: again.startMs,
      lost: Math.max(0, acked - distinct - waiting) };
  } finally {
    await again?.stop();
    await back?.stop();
    server.remove();
  }
}

async function stillPending(server) {
  const { body } = await call(server.port, 'GET', '/v1/deliveries?status=pending&limit=200');
  return body.data.length;
}

// 10,000 dead endpoints come back: how long until everything has arrived, and the highest rate in one second.
export async function WD(plan) {
  return withServer({}, async (server) => {
    const gone = await Receiver.start();
    const { port } = gone;
    await subscribeMany(server, gone, plan.dead);
    await gone.stop();
    const { acked } = await load(server.port, { connections: 1, event: TYPE, rate: 5, seconds: 4 });
    const back = await Receiver.start('--port', port);
    const began = Date.now();
    const stats = await drained(back, acked * plan.dead, plan.deadPatience);
    const result = { drain_s: (Date.now() - began) / 1000, busiest_second: stats.busiest_second, acked,
      delivered: stats.distinct, lost: Math.max(0, acked * plan.dead - stats.distinct) };
    await back.stop();
    await server.kill();
    return result;
  });
}

// Growth: the rate of the last fifth against the first, lists over everything, a start on the full file, and the rate
// while retention removes all of it.
export async function WG(plan) {
  const server = await Server.start();
  const receiver = await Receiver.start();
  let again;
  try {
    await server.declare(TYPE);
    await subscribeMany(server, receiver, 1);
    const fifths = [];
    let acked = 0;
    for (let fifth = 0; fifth < 5; fifth += 1) {
      const before = acked;
      let seconds = 0;
      while (acked - before < plan.growth / 5) {
        const part = await load(server.port, { connections: CONNECTIONS, event: TYPE, seconds: plan.seconds });
        acked += part.acked;
        seconds += part.seconds;
      }
      fifths.push((acked - before) / seconds);
    }
    const list_p95_ms = await listLatency(server);
    const { distinct } = await drained(receiver, acked, 20_000);
    const files = server.files();
    await server.stop();
    again = await Server.start({ dir: server.dir, env: { EXPOSEE_RETENTION_EVENTS: '1s' } });
    const expiring = await load(again.port, { connections: CONNECTIONS, event: TYPE, seconds: plan.seconds * 2 });
    const grown = again.files().db_bytes / files.db_bytes;
    return { acked_per_s: fifths[4], last_to_first: fifths[4] / fifths[0], list_p95_ms, start_ms: again.startMs,
      expiring_to_last: expiring.acked / expiring.seconds / fifths[4], expiring_ack: expiring.latency, file_growth: grown,
      acked, ...files, lost: Math.max(0, acked - distinct) };
  } finally {
    await again?.stop();
    await receiver.stop();
    server.remove();
  }
}

async function listLatency(server) {
  const queries = ['', '?status=succeeded', '?status=exhausted', '?status=pending', '?event=bench', '?cause=timeout'];
  const times = [];
  for (let round = 0; round < 20; round += 1) {
    for (const query of queries) {
      const began = performance.now();
      const { status } = await call(server.port, 'GET', `/v1/deliveries${query}`);
      if (status !== 200) throw new Error(`/v1/deliveries${query} answered ${status}`);
      times.push(performance.now() - began);
    }
  }
  return times.sort((a, b) => a - b)[Math.floor(times.length * 0.95)];
}

export async function idle() {
  return withServer({}, async (server) => {
    await sleep(500);
    return { rss_bytes: server.rss(), lost: 0 };
  });
}

export const probe = () => disk(process.env.BENCH_DIR);
