/**
 * Runs a program once for each schedule that may matter. By reduction: once for each order of its conflicting steps, by
 * source sets and sleep sets (explore/order.ts). Without: once for each sequence of choices, or of those that preempt a
 * task at most so many times (M. Musuvathi and S. Qadeer, "Iterative Context Bounding", 2007).
 */
import { invariant } from '../base/invariant.ts';
import { type Choice, type ConductOptions, conduct, type Execution, type Step } from './conductor.ts';
import type { Footprint } from './footprint.ts';
import { orderOf } from './order.ts';

export interface SearchOptions {
  readonly conduct: Omit<ConductOptions, 'choose' | 'stops'>;
  /** `orders`: one run of each order of conflicting steps. A number: every sequence with so many preemptions at most. */
  readonly mode: 'orders' | number;
  /** Where tasks stop, to begin with. It grows while the search finds accesses that race. */
  readonly stops: Set<number>;
  readonly maxRuns: number;
  /** Each complete run that belongs to the result; a false answer ends the search. */
  readonly onRun: (execution: Execution) => Promise<boolean> | boolean;
  /** The search starts anew, since tasks have to stop in more places: forget what `onRun` was told. */
  readonly onRestart: () => void;
}

export interface SearchEnd {
  /** Everything there is has been run. */
  readonly isComplete: boolean;
  /** A choice was left out since it would have been one preemption too many. */
  readonly hitBound: boolean;
  readonly usesTime: boolean;
  /** Runs in all, those before a new start and those that were given up included. */
  readonly runs: number;
}

export async function search(options: SearchOptions): Promise<SearchEnd> {
  const { stops, maxRuns, onRestart } = options;
  let usesTime = false;
  let runs = 0;
  for (;;) {
    const tree = options.mode === 'orders' ? new OrderTree() : new PreemptionTree(options.mode);
    let goesOn = true;
    let unknown: ReadonlySet<number> = new Set();
    while (goesOn && unknown.size === 0 && tree.hasNext && runs < maxRuns) {
      const execution = await conduct({ ...options.conduct, stops, choose: (choice) => tree.choose(choice) });
      runs++;
      usesTime ||= execution.usesTime;
      const order = orderOf(execution);
      unknown = order.unknown;
      tree.finish(execution, order);
      if (unknown.size === 0 && execution.result !== undefined) goesOn = await options.onRun(execution);
    }
    if (unknown.size === 0 || !goesOn || runs >= maxRuns)
      return { isComplete: !tree.hasNext && unknown.size === 0, hitBound: tree.hitBound, usesTime, runs };
    const known = stops.size;
    for (const place of unknown) stops.add(place);
    invariant(stops.size > known, 'tasks stop there already');
    onRestart();
  }
}

interface Tree {
  /** Whether there is another run to make. */
  readonly hasNext: boolean;
  readonly hitBound: boolean;
  choose(choice: Choice): number | undefined;
  finish(execution: Execution, order: ReturnType<typeof orderOf>): void;
}

/** A choice on the path at hand. */
interface OrderNode {
  readonly enabled: readonly number[];
  chosen: number;
  /** To be tried here. */
  readonly wanted: Set<number>;
  /** Tried, or known to give nothing new until somebody's step conflicts; with what their steps touch. */
  readonly asleep: Map<number, Footprint>;
}

class OrderTree implements Tree {
  hasNext = true;
  readonly hitBound = false;
  private readonly _path: OrderNode[] = [];

  choose({ number, enabled, running, last }: Choice): number | undefined {
    if (number < this._path.length) return this._path[number].chosen;
    invariant(number === this._path.length, 'choices come one by one');
    const asleep = this._asleepAfter(last);
    const awake = enabled.filter((tid) => !asleep.has(tid));
    if (awake.length === 0) return undefined;
    const chosen = running !== undefined && awake.includes(running) ? running : awake[0];
    this._path.push({ enabled, chosen, wanted: new Set([chosen]), asleep });
    return chosen;
  }

  /** At the end of the path: who was asleep before the last step, and has nothing to do with it. */
  private _asleepAfter(step: Step | undefined): Map<number, Footprint> {
    const node = this._path.at(-1);
    if (node === undefined || step === undefined) return new Map();
    return new Map([...node.asleep].filter(([tid, footprint]) => tid !== step.tid && !footprint.conflictsWith(step.footprint))); // biome-ignore format: one line
  }

  finish({ steps }: Execution, { reversals }: ReturnType<typeof orderOf>): void {
    for (const { turn, candidates, wanted } of reversals) {
      const node = this._path[turn];
      if (candidates.some((tid) => node.wanted.has(tid))) continue;
      if (node.enabled.includes(wanted)) node.wanted.add(wanted);
      else for (const tid of node.enabled) node.wanted.add(tid);
    }
    const turns = steps.filter(({ kind }) => kind === 'turn');
    for (;;) {
      const node = this._path.at(-1);
      if (node === undefined) {
        this.hasNext = false;
        return;
      }
      const step = turns[this._path.length - 1];
      if (step !== undefined) node.asleep.set(node.chosen, step.footprint);
      const next = [...node.wanted].find((tid) => !node.asleep.has(tid));
      if (next !== undefined) {
        node.chosen = next;
        return;
      }
      this._path.pop();
    }
  }
}

interface PreemptionNode {
  /** Not tried yet. */
  readonly left: number[];
  chosen: number;
}

class PreemptionTree implements Tree {
  hasNext = true;
  hitBound = false;
  private readonly _most: number;
  private readonly _path: PreemptionNode[] = [];
  private _preemptions = 0;

  constructor(most: number) {
    this._most = most;
  }

  choose({ number, enabled, running }: Choice): number {
    if (number === 0) this._preemptions = 0;
    if (number === this._path.length) {
      const mayPreempt = running === undefined || this._preemptions < this._most;
      if (!mayPreempt && enabled.length > 1) this.hitBound = true;
      const first = running ?? enabled[0];
      this._path.push({ chosen: first, left: mayPreempt ? enabled.filter((tid) => tid !== first) : [] });
    }
    const { chosen } = this._path[number];
    if (running !== undefined && chosen !== running) this._preemptions++;
    return chosen;
  }

  finish(): void {
    for (;;) {
      const node = this._path.at(-1);
      if (node === undefined) {
        this.hasNext = false;
        return;
      }
      const next = node.left.shift();
      if (next !== undefined) {
        node.chosen = next;
        return;
      }
      this._path.pop();
    }
  }
}
