/** The ways in which the machine can run a vector. */
import type { RunCase } from './machine.ts';

export interface Strategy {
  readonly name: string;
  readonly run: RunCase;
}

export const STRATEGIES: readonly Strategy[] = [];
