// Compares what the load was told (acks) with what the receiver got (its log).
import assert from 'node:assert/strict';

import { until } from './time.mjs';

// `acked`: ids of acknowledged events. `records`: what the receiver got on one path.
export function compare(acked, records) {
  const received = new Map();  // event id -> { webhookId, body, count }
  let changed = 0;
  for (const { headers, body } of records) {
    const { id } = JSON.parse(body);
    const webhookId = headers['webhook-id'];
    const before = received.get(id);
    if (!before) {
      received.set(id, { webhookId, body, count: 1 });
      continue;
    }
    before.count += 1;
    if (before.webhookId !== webhookId || !before.body.equals(body)) changed += 1;
  }
  const webhookIds = new Set([...received.values()].map((entry) => entry.webhookId));
  return {
    acked: acked.length,
    received: received.size,
    requests: records.length,
    duplicates: records.length - received.size,
    changed,                                                    // duplicates with another id or other bytes
    mixed: received.size - webhookIds.size,                     // events that share a webhook-id
    lost: acked.filter((id) => !received.has(id)).length,
  };
}

// Waits until nothing acknowledged is missing any more, then holds the promises D2 and D3 against both logs.
export async function assertNothingLost(t, acked, receiver, path, within = 60_000) {
  const { records } = receiver;
  const received = new Set();
  let seen = 0;
  await until(() => {
    for (; seen < records.length; ++seen) {
      if (records[seen].path === path) received.add(JSON.parse(records[seen].body).id);
    }
    return acked.every((id) => received.has(id));
  }, { within, what: 'every acknowledged event to be delivered' }).catch(() => {});
  const counts = compare(acked, receiver.to(path));
  t.diagnostic(`${path}: ${JSON.stringify(counts)}`);
  assert.equal(counts.lost, 0, `lost ${counts.lost} of ${counts.acked} acknowledged events`);
  assert.equal(counts.changed, 0, 'a duplicate carries the same webhook-id and the same bytes');
  assert.equal(counts.mixed, 0, 'two events never share a webhook-id');
  return counts;
}
