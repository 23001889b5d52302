/**
 * The choices that a scheduler is free to make, as an object: how long a slice is, who of the line runs next, whether
 * a new task runs before its parent goes on, which sleeper of a queue is woken first. The fixed policy is round-robin;
 * the seeded one draws all of them, so that every seed is another interleaving, and always the same one.
 */
import { Random } from '../random.ts';
import type { Task } from './task.ts';

export interface SchedulePolicy {
  /** Instructions in the slice that begins now, at least 1. */
  slice(): number;
  /** Where in the line, which is not empty, the next to run stands; 0 is who has waited for longest. */
  pick(ready: readonly Task[]): number;
  /** Whether a task that has just been made, or woken, ends the slice of the one that did it. */
  preempts(task: Task): boolean;
  /** Which of so many sleepers of one queue is woken; 0 is who came first. */
  wakes(sleepers: number): number;
}

/** Slices of one length, in turn. A new or woken task goes to the end of the line: the parent goes on, as on Linux. */
export const roundRobin = (quantum: number): SchedulePolicy => ({
  slice: () => quantum,
  pick: () => 0,
  preempts: () => false,
  wakes: () => 0,
});

/** The seed's stream of choices is not the one that getrandom(2) reads. */
const SALT = 0x5c4e_d01e;
/** After so many slices their greatest length doubles, up to the quantum: a long program pays for short slices only once. */
const SLICES_OF_A_SCALE = 4096;
/** The first greatest length is the quantum divided by 2 to a power up to this. */
const SMALLEST_SCALE_LOG2 = 14;

/**
 * Choices drawn from a seed. Lengths of slices are spread evenly over orders of magnitude: a race of two neighbouring
 * instructions wants slices of a few, a wrong order of two phases wants one of thousands. Each seed has a scale of its
 * own to begin with.
 */
export class SeededSchedule implements SchedulePolicy {
  private readonly _random: Random;
  private readonly _quantum: number;
  private _greatest: number;
  private _slices = 0;

  constructor(seed: number, quantum: number) {
    this._random = new Random(seed, SALT);
    this._quantum = quantum;
    this._greatest = Math.max(1, Math.floor(quantum / 2 ** this._random.below(SMALLEST_SCALE_LOG2 + 1)));
  }

  slice(): number {
    if (++this._slices % SLICES_OF_A_SCALE === 0) this._greatest = Math.min(this._greatest * 2, this._quantum);
    return Math.floor((this._greatest + 1) ** this._random.fraction());
  }

  pick({ length }: readonly Task[]): number {
    return length === 1 ? 0 : this._random.below(length);
  }

  preempts(): boolean {
    return this._random.below(2) === 1;
  }

  wakes(sleepers: number): number {
    return this._random.below(sleepers);
  }
}

/** Seed 0 is the fixed policy. */
export const scheduleOf = (seed: number, quantum: number): SchedulePolicy =>
  seed === 0 ? roundRobin(quantum) : new SeededSchedule(seed, quantum);
