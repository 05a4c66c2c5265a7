// The one place where the tests wait: for a condition or a promise, always with a deadline that says what was missing.

const POLL_MS = 10;

// Polls until `condition` gives something truthy and returns that. A condition that throws counts as "not yet";
// its last error is shown when the deadline passes.
export async function until(condition, { within = 10_000, what = 'the condition' } = {}) {
  const deadline = performance.now() + within;
  let lastError;
  for (;;) {
    try {
      const value = await condition();
      if (value) return value;
      lastError = undefined;
    } catch (error) {
      lastError = error;
    }
    if (performance.now() > deadline) {
      const why = lastError ? `; last error: ${lastError.message}` : '';
      throw new Error(`not within ${within} ms: ${what}${why}`);
    }
    await moment(POLL_MS);
  }
}

// The promise's value, or an error once `ms` have passed.
export async function inTime(ms, what, promise) {
  let timer;
  const deadline = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not within ${ms} ms: ${what}`)), ms);
  });
  try {
    return await Promise.race([promise, deadline]);
  } finally {
    clearTimeout(timer);
  }
}

// Lets a span pass. For what is *about* time (a kill at a random moment, "nothing more comes"), never to synchronise.
export const moment = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// A promise and its switch.
export function gate() {
  let open;
  const opened = new Promise((resolve) => { open = resolve; });
  return { opened, open };
}
