/**
 * Which steps of a run happened before which, whatever the schedule: those of one task in its order, those that conflict in
 * the order they had, a wake-up before what the woken task does. Two steps that conflict, with nothing between them that
 * orders them, are a race: in the other order they are another run. Vector clocks; C. Flanagan and P. Godefroid, "Dynamic
 * Partial-Order Reduction for Model Checking Software", 2005; P. Abdulla and others, "Optimal Dynamic Partial Order
 * Reduction", 2014 (source sets).
 */
import type { Execution, Step } from './conductor.ts';
import { type Place, placesOf } from './footprint.ts';
import type { SharedAccess } from './stepper.ts';

/** The choice before the first of two steps that race: one of these tasks has to be tried there as well. */
export interface Reversal {
  /** Which turn: as many came before. */
  readonly turn: number;
  /** Any of them will do. */
  readonly candidates: readonly number[];
  /** The best of them. */
  readonly wanted: number;
}

export interface Order {
  readonly reversals: readonly Reversal[];
  /** Virtual places of accesses that race although no task stops there. */
  readonly unknown: ReadonlySet<number>;
}

/** For each task, how many of its steps have happened before. */
type Clock = number[];

interface Timed {
  readonly step: Step;
  readonly task: number;
  /** Which step of its task it is, times two; one more is what follows its point. */
  readonly own: number;
  readonly clock: Clock;
  readonly turn: number;
}

/** Somebody touched a place. */
interface Touch {
  readonly by: Timed;
  readonly mask: number;
  readonly isWrite: boolean;
  /** The virtual place, of an access at which nobody stops. */
  readonly free: number | undefined;
}

export function orderOf({ steps }: Pick<Execution, 'steps'>): Order {
  const tasks = new Map<number, number>();
  const clocks: Clock[] = [];
  const timed: Timed[] = [];
  const touches = new Map<Place, Touch[]>();
  const reversals: Reversal[] = [];
  const unknown = new Set<number>();
  const indexOf = (tid: number): number => {
    const known = tasks.get(tid);
    if (known !== undefined) return known;
    tasks.set(tid, tasks.size);
    clocks.push([]);
    return tasks.size - 1;
  };

  let turns = 0;
  const ofTurn: Timed[] = [];
  for (const step of steps) {
    const task = indexOf(step.tid);
    const before = clocks[task];
    const conflicting = conflictsOf(step, touches, task);
    const clock = [...before];
    for (const other of conflicting) join(clock, other.clock);
    // Two for each step: what conflicts with its point comes after that, but not after what follows it up to the next.
    const own = (before[task] ?? 0) + 2;
    clock[task] = own;
    const now: Timed = { step, task, own, clock, turn: step.kind === 'turn' ? turns++ : -1 };
    for (const first of conflicting) {
      if (first.turn < 0 || isBefore(first, before)) continue;
      if (conflicting.some((between) => between !== first && isBefore(first, between.clock))) continue;
      reversals.push(reversalOf(first, [...timed.slice(timed.indexOf(first) + 1), now], step.tid));
    }
    // A signal, or an end, may come before each of the target's accesses, so it has to stop at them.
    for (const target of [...step.signals, ...step.ends]) {
      const latest = timed.findLast((other) => other.step.tid === target);
      for (const { address, bytes } of latest?.step.free ?? [])
        for (const [place] of placesOf(Number(address), bytes)) unknown.add(place);
    }
    timed.push(now);
    if (now.turn >= 0) ofTurn.push(now);
    clocks[task] = clock;
    for (const [place, mask] of step.footprint.reads) note(touches, place, { by: now, mask, isWrite: false, free: undefined }); // biome-ignore format: one line
    for (const [place, mask] of step.footprint.writes) note(touches, place, { by: now, mask, isWrite: true, free: undefined }); // biome-ignore format: one line
    noteFree(touches, now, step.accesses, false, unknown);
    noteFree(touches, { ...now, own: own + 1, clock: clock.with(task, own + 1) }, step.free, true, unknown);
    for (const tid of step.wakes) join(clocks[indexOf(tid)], clock);
    // Whoever was ended here might have gone first.
    for (const tid of step.ends) if (now.turn >= 0) reversals.push({ turn: now.turn, candidates: [tid], wanted: tid });
  }
  return { reversals, unknown };
}

const isBefore = ({ task, own }: Timed, clock: Clock): boolean => (clock[task] ?? 0) >= own;

function join(clock: Clock, other: Clock): void {
  for (let i = 0; i < other.length; i++) if ((other[i] ?? 0) > (clock[i] ?? 0)) clock[i] = other[i];
}

/** Earlier steps of other tasks that a step conflicts with. */
function conflictsOf({ footprint }: Step, touches: ReadonlyMap<Place, Touch[]>, task: number): Timed[] {
  const found = new Set<Timed>();
  for (const [masks, isWrite] of [[footprint.reads, false], [footprint.writes, true]] as const) // biome-ignore format: one line
    for (const [place, mask] of masks)
      for (const touch of touches.get(place) ?? [])
        if (touch.free === undefined && touch.by.task !== task && (touch.isWrite || isWrite) && touch.mask & mask)
          found.add(touch.by);
  return [...found];
}

/** Keeps what a later step may race with: not what this one comes after and hides. */
function note(touches: Map<Place, Touch[]>, place: Place, touch: Touch): void {
  const isHidden = (other: Touch): boolean =>
    (other.mask & ~touch.mask) === 0 &&
    (touch.isWrite || !other.isWrite) &&
    (touch.free === undefined || other.free !== undefined) &&
    isBefore(other.by, touch.by.clock);
  touches.set(place, [...(touches.get(place) ?? []).filter((other) => !isHidden(other)), touch]);
}

/** Accesses at which nobody stops: one that races with another says where tasks should have stopped. */
function noteFree(
  touches: Map<Place, Touch[]>,
  by: Timed,
  accesses: readonly SharedAccess[],
  isFree: boolean,
  unknown: Set<number>,
): void {
  for (const { address, paddr, bytes, isWrite } of accesses) {
    const shift = (Number(address) - paddr) / 8;
    for (const [place, mask] of placesOf(paddr, bytes)) {
      for (const other of touches.get(place) ?? []) {
        if (!isFree && other.free === undefined) continue;
        if (other.by.task === by.task || !(other.isWrite || isWrite) || !(other.mask & mask)) continue;
        if (isBefore(other.by, by.clock)) continue;
        unknown.add(place + shift);
        if (other.free !== undefined) unknown.add(other.free);
      }
      if (isFree) note(touches, place, { by, mask, isWrite, free: place + shift });
    }
  }
}

/** What could have come first in place of a step, out of those after it that do not depend on it. */
function reversalOf(first: Timed, after: readonly Timed[], wanted: number): Reversal {
  const last = after[after.length - 1];
  const heads = new Map<number, number>();
  const candidates: number[] = [];
  for (const other of after) {
    if (other !== last && isBefore(first, other.clock)) continue;
    if (heads.has(other.task)) continue;
    const hasEarlier = [...heads].some(([task, own]) => (other.clock[task] ?? 0) >= own);
    heads.set(other.task, other.own);
    if (!hasEarlier && other.turn >= 0) candidates.push(other.step.tid);
  }
  return { turn: first.turn, candidates, wanted: candidates.includes(wanted) ? wanted : (candidates[0] ?? wanted) };
}
