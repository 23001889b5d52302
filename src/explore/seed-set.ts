/** A set of seeds as arithmetic progressions: what a shard has done is one of them, and so is the union of all shards. */

/** `first`, `first + step`, ... up to `last`. */
export interface Progression {
  readonly first: number;
  readonly last: number;
  readonly step: number;
}

/** The seeds of shard `index` (from 1 on) of `count`: every count-th of the range. Undefined when that is none. */
export function shardOf(from: number, to: number, index: number, count: number): Progression | undefined {
  const first = from + index - 1;
  return first > to ? undefined : { first, last: first + Math.floor((to - first) / count) * count, step: count };
}

export const sizeOf = ({ first, last, step }: Progression): number => (last - first) / step + 1;

/** The fewest progressions that a walk from the least seed on finds; the same for the same seeds. */
export function compress(seeds: Iterable<number>): Progression[] {
  const sorted = [...seeds].sort((a, b) => a - b);
  const found: Progression[] = [];
  for (let at = 0; at < sorted.length; ) {
    const step = at + 1 < sorted.length ? sorted[at + 1] - sorted[at] : 1;
    let end = at;
    while (end + 1 < sorted.length && sorted[end + 1] - sorted[end] === step) end++;
    found.push({ first: sorted[at], last: sorted[end], step });
    at = end + 1;
  }
  return found;
}

export function* expand(progressions: readonly Progression[]): Generator<number> {
  for (const { first, last, step } of progressions) for (let seed = first; seed <= last; seed += step) yield seed;
}
