/**
 * What lies where in the machine's one WebAssembly.Memory. A physical address is an offset in it, so frame N is at
 * N * 4096. The first frames are the machine's own (CPU state, TLB, jump cache, link cells, frame marks) and are
 * never handed out; guest page tables and guest pages start at FIRST_FRAME.
 */
import type { Pfn } from '../base/ints.ts';

/** CPU state (cpu/state.ts lays out its fields). */
export const STATE_BASE = 0x0000;

/** Where an access that crosses a page end is put together, and where helpers leave second results. */
export const SCRATCH = 0x1000;

/** Operands and results of floating-point functions (cpu/float/area.ts). */
export const FLOAT_AREA = 0x1800;

/** Vectors of the instruction at hand, in the cold tier. */
export const VECTOR_SLOTS = 0x2000;
export const VECTOR_SLOTS_BYTES = 0x1000;

/** Translations for reading (R) and writing (W): TLB_ENTRIES entries of 16 bytes, direct-mapped by virtual page. */
export const TLB_BITS = 14;
export const TLB_ENTRIES = 1 << TLB_BITS;
/**
 * One entry:
 * ```
 *   0  u64  tag     virtual address of the page; of an empty entry, a page that looks at another entry
 *   8  u32  addend  physical page address minus the low 32 bits of the virtual page address, modulo 2^32
 *  12  u32  unused
 * ```
 */
export const TLB_ENTRY_BYTES = 16;
export const TLB_READ_BASE = 0x0004_0000;
export const TLB_WRITE_BASE = TLB_READ_BASE + TLB_ENTRIES * TLB_ENTRY_BYTES;

/** Entries filled since the last flush, as byte offsets of the read entry (u32), so that a flush costs what was used. */
export const TLB_FILLED_BASE = TLB_WRITE_BASE + TLB_ENTRIES * TLB_ENTRY_BYTES;
export const TLB_FILLED_MAX = 2048;

/** Jump cache: RIP -> function-table index, for indirect jumps and calls (cpu/code-cache.ts). */
export const JUMP_CACHE_BASE = 0x000d_0000;
export const JUMP_CACHE_ENTRIES = 4096;
export const JUMP_CACHE_ENTRY_BYTES = 16;

/** Link cells: one u32 function-table index for each direct jump or call target (cpu/code-cache.ts). */
export const LINK_CELLS_BASE = 0x000e_0000;
export const LINK_CELLS_MAX = 0x2_0000 / 4;

/** One byte per frame: FRAME_MARK_* bits. Covers 4 GiB. */
export const FRAME_MARKS_BASE = 0x0010_0000;
/** The frame holds translated code: a write to it goes the slow way and drops the translations. */
export const FRAME_MARK_CODE = 1;
/** Somebody wants to know of writes to the frame: they go the slow way. */
export const FRAME_MARK_WATCH_WRITES = 2;
/** And of reads; together with the other. */
export const FRAME_MARK_WATCH_READS = 4;

export const FIRST_FRAME = 0x200 as Pfn;
