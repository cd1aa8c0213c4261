// Pseudo-random values from a seed, so that what failed once can be made to fail again.

/**
 * The generator of a property test. Its seed is `STATESEAL_SEED`, or the clock's; a test prints it
 * where it fails.
 */
export function generator(seed = Number(process.env.STATESEAL_SEED ?? Date.now() % 2 ** 31)) {
  let state = seed >>> 0
  // Mulberry32.
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (count) => Math.floor(next() * count)
  const pick = (list) => list[below(list.length)]
  return {
    seed,
    below,
    pick,
    chance: (probability) => next() < probability,
    text: (alphabet, longest) => Array.from({ length: 1 + below(longest) }, () => pick(alphabet)).join(''),
    bytes: (length) => Buffer.from(Array.from({ length }, () => below(256))),
  }
}
