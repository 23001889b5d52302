/**
 * A moment of a run: how many instructions the whole machine has retired, and how many events have been told by then. The
 * machine is deterministic, so a position leads to the same state whenever one goes there. Of several states between two
 * instructions (a page fault has been resolved, another task has got the CPU), the events tell which.
 */
export interface Position {
  readonly instruction: number;
  readonly event: number;
}

/** Negative: `a` is earlier. */
export const comparePositions = (a: Position, b: Position): number =>
  a.instruction - b.instruction || a.event - b.event;

export const isBefore = (a: Position, b: Position): boolean => comparePositions(a, b) < 0;
