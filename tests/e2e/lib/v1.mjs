// The /v1 calls in the words of the tests.
import assert from 'node:assert/strict';

import { until } from './time.mjs';

export class V1 {
  constructor(server) {
    this.server = server;
  }

  async declare(name, description = '') {
    return this.#expect(201, 'POST', '/v1/event-types', { name, description });
  }

  // An endpoint with its secret.
  async endpoint(url, events, more = {}) {
    return this.#expect(201, 'POST', '/v1/endpoints', { url, events, ...more });
  }

  async patch(id, change) {
    return this.#expect(200, 'PATCH', `/v1/endpoints/${id}`, change);
  }

  async showEndpoint(id) {
    return this.#expect(200, 'GET', `/v1/endpoints/${id}`);
  }

  async publish(event, data, headers) {
    return this.#expect(202, 'POST', '/v1/events', { event, data }, headers);
  }

  // All deliveries that pass the filter, over all pages.
  async deliveries(filter = {}) {
    const found = [];
    let cursor;
    do {
      const query = new URLSearchParams({ ...filter, ...(cursor && { cursor }) });
      const page = await this.#expect(200, 'GET', `/v1/deliveries?${query}`);
      found.push(...page.data);
      cursor = page.has_more ? page.next_cursor : undefined;
    } while (cursor);
    return found;
  }

  async delivery(id) {
    return this.#expect(200, 'GET', `/v1/deliveries/${id}`);
  }

  // The one delivery of this event to this endpoint.
  async deliveryOf(eventId, endpointId) {
    const found = await this.deliveries({ event: eventId, ...(endpointId && { endpoint: endpointId }) });
    assert.equal(found.length, 1, `one delivery of ${eventId}, not ${found.length}`);
    return this.delivery(found[0].id);
  }

  // Waits until that delivery has this status (and at least so many attempts), and gives it with its attempts.
  async settled(eventId, endpointId, status, { attempts = 0, within = 15_000 } = {}) {
    let last;
    return until(async () => {
      last = await this.deliveryOf(eventId, endpointId);
      if (last.status !== status || last.attempts.length < attempts) {
        throw new Error(`the delivery is ${last.status} after ${last.attempts.length} attempts`);
      }
      return last;
    }, { within, what: `delivery of ${eventId} ${status}` });
  }

  retry(deliveryId) {
    return this.server.call('POST', `/v1/deliveries/${deliveryId}/retry`);
  }

  async #expect(status, method, target, body, headers) {
    const answer = await this.server.call(method, target, body, headers);
    assert.equal(answer.status, status, `${method} ${target} -> ${answer.status} ${answer.text}`);
    return answer.json;
  }
}
