/** What processes use, as getrusage(2) counts it. Processor time is one nanosecond for each instruction, all of it the user's. */

export interface Usage {
  /** Retired, which is also the processor time in nanoseconds. */
  readonly instructions: number;
  readonly minorFaults: number;
  readonly majorFaults: number;
  /** Frames that were resident at most at a time. */
  readonly maxResidentPages: number;
  /** Blocks of 512 bytes. */
  readonly blocksRead: number;
  readonly blocksWritten: number;
  /** Times that it left the processor because it had to wait, and because others had their turn. */
  readonly voluntarySwitches: number;
  readonly involuntarySwitches: number;
}

/** A usage that is still being counted. */
export class UsageCounter implements Usage {
  instructions = 0;
  minorFaults = 0;
  majorFaults = 0;
  maxResidentPages = 0;
  blocksRead = 0;
  blocksWritten = 0;
  voluntarySwitches = 0;
  involuntarySwitches = 0;
}

export const NO_USAGE: Usage = new UsageCounter();

/** Sums, but for what was resident: the larger. */
export function addUsage(x: Usage, y: Usage): Usage {
  return {
    instructions: x.instructions + y.instructions,
    minorFaults: x.minorFaults + y.minorFaults,
    majorFaults: x.majorFaults + y.majorFaults,
    maxResidentPages: Math.max(x.maxResidentPages, y.maxResidentPages),
    blocksRead: x.blocksRead + y.blocksRead,
    blocksWritten: x.blocksWritten + y.blocksWritten,
    voluntarySwitches: x.voluntarySwitches + y.voluntarySwitches,
    involuntarySwitches: x.involuntarySwitches + y.involuntarySwitches,
  };
}
