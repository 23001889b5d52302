/**
 * What one step of a task touches, as places: eight bytes of physical memory (with a mask of the bytes), or a part of the
 * kernel's state. Two steps of different tasks may change places without a difference unless they conflict: they have a
 * place in common and one of them writes it.
 */

/** A place: 0 and up are physical addresses divided by eight, below 0 are parts of the kernel. */
export type Place = number;

export const PLACE_BYTES = 8;
const ALL = 0xff;

export const PROCESSES: Place = -1;
export const FILES: Place = -2;
export const FUTEXES: Place = -3;
export const MAPPINGS: Place = -4;
/** Signals that wait for a task. */
export const signalsOf = (tid: number): Place => -1000 - tid;

export class Footprint {
  readonly reads = new Map<Place, number>();
  readonly writes = new Map<Place, number>();

  add(place: Place, isWrite: boolean, mask: number = ALL): void {
    const masks = isWrite ? this.writes : this.reads;
    masks.set(place, (masks.get(place) ?? 0) | mask);
  }

  conflictsWith(other: Footprint): boolean {
    return overlap(this.writes, other.writes) || overlap(this.writes, other.reads) || overlap(this.reads, other.writes);
  }
}

function overlap(a: ReadonlyMap<Place, number>, b: ReadonlyMap<Place, number>): boolean {
  if (a.size > b.size) return overlap(b, a);
  for (const [place, mask] of a) if ((mask & (b.get(place) ?? 0)) !== 0) return true;
  return false;
}

/** The places of a range of bytes, which may lie across several. */
export function* placesOf(start: number, bytes: number): Generator<[place: Place, mask: number]> {
  for (let at = start; at < start + bytes; ) {
    const inPlace = at % PLACE_BYTES;
    const count = Math.min(PLACE_BYTES - inPlace, start + bytes - at);
    yield [Math.floor(at / PLACE_BYTES), ((1 << count) - 1) << inPlace];
    at += count;
  }
}
