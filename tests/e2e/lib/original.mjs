// The original service's recorded answers (tests/data/original-replies.jsonl) and what "the same reply" means.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

export const ISO_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00$/;

export function originalReplies() {
  const text = readFileSync(new URL('../../data/original-replies.jsonl', import.meta.url), 'utf8');
  return text.split('\n').filter((line) => line.trim()).map((line) => JSON.parse(line));
}

// How a row judges the reply to it: throws when the promise is broken.
export const RULES = {
  same(row, answer) {
    assert.equal(answer.status, row.status === 500 ? 422 : row.status, answer.text);
    if (row.status === 500) return;
    if (row.answer === null) assert.equal(answer.text, '');
    else assertContains(answer.json, row.answer, 'answer');
  },
  stricter(row, answer) {
    if (answer.status < 400 || answer.status > 499) RULES.same(row, answer);
  },
  free(row, answer) {
    assert.equal(Math.floor(answer.status / 100), Math.floor(row.status / 100), `${answer.status} ${answer.text}`);
  },
  // The deliberate difference: an empty filter is not a filter.
  whole(_row, answer) {
    assert.equal(answer.status, 200);
    assert.deepEqual(answer.json.webhooks.map((entry) => entry.event), ['user_registered', 'user_send_message']);
  },
};

// Members may be added to a reply, never taken away; lists are what they were; TIME is any time in the promised form.
export function assertContains(got, expected, place) {
  if (expected === 'TIME') {
    assert.match(got, ISO_TIME, place);
  } else if (Array.isArray(expected)) {
    assert.ok(Array.isArray(got), `${place} is a list: ${JSON.stringify(got)}`);
    assert.equal(got.length, expected.length, `${place}: ${JSON.stringify(got)}`);
    expected.forEach((item, i) => assertContains(got[i], item, `${place}[${i}]`));
  } else if (expected !== null && typeof expected === 'object') {
    assert.equal(typeof got, 'object', `${place} is an object`);
    for (const [name, value] of Object.entries(expected)) assertContains(got?.[name], value, `${place}.${name}`);
  } else {
    assert.equal(got, expected, place);
  }
}
