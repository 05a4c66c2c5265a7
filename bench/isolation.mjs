// The workloads of isolation and scale: what one endpoint costs all the others, and what very many cost.
import { Agent } from 'node:http';
import { Receiver, Server, call, drained, load, median, sleep } from './lib.mjs';
import { CONNECTIONS, TYPE, rate, subscribeMany, withServer } from './workloads.mjs';

const OWED = 'owed'; // events of this type pile up
const OTHER = 'other'; // events of this type go to their own receiver, or to nobody
const CONNECTIONS_TO_MAKE = 128; // over which endpoints are made, kept open: 100,000 take a minute

// Where nobody listens.
async function deadTarget() {
  const gone = await Receiver.start();
  await gone.stop();
  return `http://127.0.0.1:${gone.port}/`;
}

async function makeEndpoints(server, count, body) {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS_TO_MAKE });
  let at = 0;
  const makeSome = async () => {
    while (at < count) {
      const { url, events, ...more } = body(at++);
      await server.subscribe(url, events, more, { agent });
    }
  };
  try {
    await Promise.all(Array.from({ length: CONNECTIONS_TO_MAKE }, makeSome));
  } finally {
    agent.destroy();
  }
}

async function publishOne(server, event) {
  const { status } = await call(server.port, 'POST', '/v1/events', { event, data: {} });
  return status;
}

async function publishExactly(server, event, count) {
  for (let at = 0; at < count; at += 500) {
    const events = Array.from({ length: Math.min(500, count - at) }, () => ({ event, data: {} }));
    const { status, body } = await call(server.port, 'POST', '/v1/events', events);
    if (status !== 202 || body.errors) throw new Error(`a batch was answered ${status} after ${at} events: ${JSON.stringify(body).slice(0, 300)}`);
  }
}

async function metric(server, name) {
  const { body } = await call(server.port, 'GET', '/metrics');
  return Number(new RegExp(`^${name} ([0-9.e+]+)$`, 'm').exec(body)?.[1]);
}

// W1 beside paused and dead endpoints that are owed very much.
export async function WP(plan) {
  return withServer({}, async (server) => {
    const receiver = await Receiver.start(), target = await deadTarget();
    try {
      await server.declare(OWED);
      await subscribeMany(server, receiver, 1);
      await makeEndpoints(server, plan.lagging, (i) => ({ url: `${target}paused/${i}`, events: [OWED], paused: true }));
      await makeEndpoints(server, plan.lagging, (i) => ({ url: `${target}dead/${i}`, events: [OWED] }));
      await publishExactly(server, OWED, plan.owed / (2 * plan.lagging));
      await sleep(2000); // the dead ones' breakers open
      const options = { connections: CONNECTIONS, event: TYPE };
      const warm = await load(server.port, { ...options, seconds: plan.warmup });
      await drained(receiver, warm.acked, 20_000);
      await receiver.reset();
      const acks = await load(server.port, { ...options, seconds: plan.seconds });
      const rss_bytes = server.rss();
      const stats = await drained(receiver, acks.acked, 20_000);
      return { delivered_per_s: rate(stats), acked_per_s: acks.acked / acks.seconds, ack: acks.latency, receipt: stats.latency,
        owed: await metric(server, 'exposee_deliveries_pending'), rss_bytes, acked: acks.acked, errors: acks.errors,
        lost: Math.max(0, acks.acked - stats.distinct) };
    } finally {
      await receiver.stop();
    }
  });
}

// How long acknowledgements at other types take while a receiver of every type turns slow, and then hangs.
export async function WQ(plan) {
  return withServer({}, async (server) => {
    const turning = await Receiver.start('--delay-ms', 1), steady = await Receiver.start();
    try {
      await server.declare(OTHER);
      await server.subscribe(`http://127.0.0.1:${turning.port}/all`, ['*']);
      await server.subscribe(`http://127.0.0.1:${steady.port}/other`, [OTHER]);
      const pace = (seconds) => load(server.port, { connections: 64, rate: plan.turningRate, event: OTHER, seconds });
      await pace(plan.warmup + 1);
      const before = await pace(plan.seconds);
      const turn = async (delay) => {
        const loading = pace(plan.seconds + 1);
        await sleep(500);
        await turning.delay(delay);
        return loading;
      };
      const slow = await turn(300);
      const hanging = await turn('never');
      const acked = [before, slow, hanging].reduce((n, part) => n + part.acked, 0);
      return { acked_per_s: hanging.acked / hanging.seconds, ack: before.latency, slow_ack: slow.latency, hanging_ack: hanging.latency,
        acked, lost: 0 };
    } finally {
      await Promise.all([turning.stop(), steady.stop()]);
      await server.kill();
    }
  });
}

// Very many endpoints on one type, spread over many types, and on all of many types: what a start, a change and a turn
// take, and what memory each. The built-in types and the two that every shape has count as well.
async function crowd(plan, shape) {
  const types = shape === 'one' ? 0 : plan.types - 4;
  const patterns = { one: () => [TYPE], spread: (i) => [`${TYPE}${i % types}`], all: () => ['*'] }[shape];
  const server = await Server.start(), target = await deadTarget();
  let again;
  try {
    await server.declare(OTHER);
    await server.declare(TYPE);
    for (let i = 0; i < types; i += 1) await server.declare(`${TYPE}${i}`);
    const turn_alone_ms = await turns(server);
    const before = server.rss();
    await makeEndpoints(server, plan.endpoints, (i) => ({ url: `${target}${i}`, events: patterns(i), paused: true }));
    const each_bytes = (server.rss() - before) / plan.endpoints;
    const change_ms = await changes(server, plan.endpoints);
    const turn_ms = shape === 'all' ? undefined : await turns(server);
    await server.stop();
    again = await Server.start({ dir: server.dir });
    return { start_ms: again.startMs, change_ms, turn_alone_ms, turn_ms, each_bytes, rss_bytes: again.rss() };
  } finally {
    await (again ?? server).kill();
    server.remove();
  }
}

async function timed(count, one) {
  const times = [];
  for (let i = 0; i < count; i += 1) {
    const began = performance.now();
    await one(i);
    times.push(performance.now() - began);
  }
  return median(times);
}

async function changes(server) {
  const { body } = await call(server.port, 'GET', '/v1/endpoints?limit=100');
  return timed(100, (i) => call(server.port, 'PATCH', `/v1/endpoints/${body.data[i].id}`, { description: `changed ${i}` }));
}

const turns = (server) => timed(100, () => publishOne(server, OTHER));

export async function WE(plan) {
  const shapes = {};
  for (const shape of ['one', 'spread', 'all']) shapes[shape] = await crowd(plan, shape);
  const worst = (get) => Math.max(...Object.values(shapes).map(get).filter(Number.isFinite));
  return { shapes, start_ms: worst((s) => s.start_ms), change_ms: worst((s) => s.change_ms), turn_ms: worst((s) => s.turn_ms),
    each_bytes: worst((s) => s.each_bytes), rss_bytes: worst((s) => s.rss_bytes), lost: 0 };
}

// A start with many endpoints that lag far behind: when publishing goes again, and when what is owed is known exactly.
export async function WR(plan) {
  const server = await Server.start(), target = await deadTarget();
  let again;
  try {
    await server.declare(OWED);
    await server.declare(OTHER);
    await makeEndpoints(server, plan.lagging, (i) => ({ url: `${target}${i}`, events: [OWED], paused: true }));
    await publishExactly(server, OWED, plan.owed / plan.lagging);
    await server.kill();
    const began = performance.now();
    again = await Server.start({ dir: server.dir });
    while ((await publishOne(again, OTHER)) !== 202) await sleep(10);
    const publishing_ms = performance.now() - began;
    while ((await metric(again, 'exposee_deliveries_pending')) !== plan.owed) {
      if (performance.now() - began > 60_000) throw new Error('what is owed was not exact after a minute');
      await sleep(10);
    }
    return { start_ms: again.startMs, publishing_ms, exact_ms: performance.now() - began, rss_bytes: again.rss(), owed: plan.owed, lost: 0 };
  } finally {
    await (again ?? server).kill();
    server.remove();
  }
}
