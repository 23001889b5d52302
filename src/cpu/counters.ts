/** What may be slow is counted: `--stats` prints these. */
export interface Counters {
  /** Calls into translated code. */
  entries: number;
  /** Jumps to code without a translation. */
  misses: number;
  /** Indirect jumps to where their region had not seen them go. */
  indirectMisses: number;
  budgetExits: number;
  /** Pages that the TLB did not have. */
  tlbFills: number;
  /** Writes to frames with translated code. */
  codeWrites: number;
  /** Instructions that the cold tier executed. */
  coldInstructions: number;
  decodedBlocks: number;
  modules: number;
  regions: number;
  /** Instructions in translated regions. */
  regionInstructions: number;
  wasmBytes: number;
}

export const newCounters = (): Counters => ({
  entries: 0,
  misses: 0,
  indirectMisses: 0,
  budgetExits: 0,
  tlbFills: 0,
  codeWrites: 0,
  coldInstructions: 0,
  decodedBlocks: 0,
  modules: 0,
  regions: 0,
  regionInstructions: 0,
  wasmBytes: 0,
});
