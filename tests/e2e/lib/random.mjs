// Seeded randomness, so that a failing run can be repeated: E2E_SEED=<the printed seed>.

export function seededRandom(t) {
  const seed = Number(process.env.E2E_SEED ?? Date.now() % 2 ** 31) >>> 0;
  t.diagnostic(`seed ${seed} (repeat with E2E_SEED=${seed})`);
  let state = seed;
  const unit = () => {  // splitmix32
    state = (state + 0x9e3779b9) >>> 0;
    let x = state;
    x = Math.imul(x ^ (x >>> 16), 0x21f0aaad);
    x = Math.imul(x ^ (x >>> 15), 0x735a2d97);
    return ((x ^ (x >>> 15)) >>> 0) / 2 ** 32;
  };
  return { seed, unit, below: (n) => Math.floor(unit() * n) };
}
