/**
 * A question about what the machine does next. Its answer is never written down by an author: the machine has gone there
 * (Ahead), and what it shows is the answer. Of the options exactly one is right.
 */

import { hex } from '../../../base/ints.ts';
import { invariant } from '../../../base/invariant.ts';
import type { Ahead, MachineView, TimelineEvent } from '../../protocol.ts';
import type { PanelName } from '../lesson.ts';

export interface Question {
  readonly text: string;
  readonly options: readonly string[];
  /** Index of the one that is right. */
  readonly right: number;
  /** What is true, with what the machine showed: for both answers. */
  readonly truth: string;
  /** Where to see it. */
  readonly look: {
    readonly panel: PanelName;
    readonly address?: bigint | undefined;
    readonly pid?: number | undefined;
  };
}

export interface Asked {
  readonly now: MachineView;
  readonly later: Ahead;
  /** Those of the whole run, as far as they are known. */
  readonly events: readonly TimelineEvent[];
  readonly pid: number;
  /** Whose walks both views have. */
  readonly address: bigint | undefined;
  /** `after the fork`. */
  readonly when: string;
  /** An author's answers that are wrong; those that turn out to be right do not count. */
  readonly wrong?: readonly string[] | undefined;
  /** Decides about wrong options, and about their order. */
  readonly random: Random;
}

export interface QuestionKind {
  /** Undefined: it makes no sense here. */
  make(asked: Asked): Question | undefined;
}

/** Numbers that follow from a seed: the same question is asked the same way each time. */
export class Random {
  private _state: number;

  constructor(seed: string) {
    this._state = 0x9e3779b9;
    for (let i = 0; i < seed.length; i++) this._state = Math.imul(this._state ^ seed.charCodeAt(i), 0x01000193);
  }

  /** From 0 to below. */
  below(limit: number): number {
    this._state = (Math.imul(this._state, 1664525) + 1013904223) | 0;
    return ((this._state >>> 8) % 0x10000) % limit;
  }

  shuffle<T>(items: readonly T[]): T[] {
    const left = [...items];
    const shuffled: T[] = [];
    while (left.length > 0) shuffled.push(...left.splice(this.below(left.length), 1));
    return shuffled;
  }
}

/** The right one among wrong ones: each once, in an order by chance, at most `most`. Undefined: nothing to choose from. */
export function choose(
  random: Random,
  right: string,
  wrong: readonly string[],
  most = 4,
): Pick<Question, 'options' | 'right'> | undefined {
  const others = [...new Set(wrong)].filter((option) => option !== right).slice(0, most - 1);
  if (others.length === 0) return undefined;
  const options = random.shuffle([right, ...others]);
  return { options, right: options.indexOf(right) };
}

/** Options in a natural order, such as numbers that grow. */
export function ordered(options: readonly string[], right: string): Pick<Question, 'options' | 'right'> {
  invariant(options.includes(right), 'the right answer is among the options');
  return { options, right: options.indexOf(right) };
}

export const frameName = (pfn: number): string => `frame ${hex(pfn * 4096, 8)}`;

/** `process 101, the child`. */
export function processName({ events }: Pick<Asked, 'events'>, pid: number): string {
  const born = events.find(({ detail }) => detail.kind === 'fork' && detail.childPid === pid);
  const children = new Set(events.flatMap(({ detail }) => (detail.kind === 'fork' && !detail.isThread ? [detail.childPid] : []))); // biome-ignore format: one line
  if (children.size === 0) return `process ${pid}`;
  if (children.size > 1) return `process ${pid}`;
  return born === undefined ? `the parent (${pid})` : `the child (${pid})`;
}

/** The walk of the question's address in a process. */
export const walkIn = (view: MachineView, pid: number) =>
  view.processes.find((process) => process.pid === pid)?.space?.walk;
