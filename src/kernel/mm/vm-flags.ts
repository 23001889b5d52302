/**
 * What an area remembers besides its rights and its origin: the VM_ bits of include/linux/mm.h, with Linux's values, and
 * the two letters that /proc/PID/smaps has for each. VM_READ, VM_WRITE, VM_EXEC, VM_MAYSHARE and VM_GROWSDOWN follow from
 * fields of the Vma and are not kept in `flags`.
 */
import { PROT_EXEC, PROT_READ, PROT_WRITE } from '../../abi/mman.ts';
import type { Vma } from './vma.ts';

export const VM_READ = 0x1;
export const VM_WRITE = 0x2;
export const VM_EXEC = 0x4;
/** Shared and writable, or could become so: not set on a shared mapping of a file that was opened for reading. */
export const VM_SHARED = 0x8;
export const VM_MAYREAD = 0x10;
export const VM_MAYWRITE = 0x20;
export const VM_MAYEXEC = 0x40;
export const VM_MAYSHARE = 0x80;
export const VM_GROWSDOWN = 0x100;
export const VM_LOCKED = 0x2000;
export const VM_SEQ_READ = 0x8000;
export const VM_RAND_READ = 0x1_0000;
export const VM_DONTCOPY = 0x2_0000;
export const VM_DONTEXPAND = 0x4_0000;
export const VM_LOCKONFAULT = 0x8_0000;
export const VM_ACCOUNT = 0x10_0000;
export const VM_NORESERVE = 0x20_0000;
export const VM_SYNC = 0x80_0000;
export const VM_WIPEONFORK = 0x200_0000;
export const VM_DONTDUMP = 0x400_0000;
export const VM_HUGEPAGE = 0x2000_0000;
export const VM_NOHUGEPAGE = 0x4000_0000;
/** Bit 31: kept as a positive number, so it takes `>>> 0` to combine with others. */
export const VM_MERGEABLE = 0x8000_0000;
/** Bit 40 on Linux. */
export const VM_DROPPABLE = 0x400;

export const VM_MAY_ALL: number = VM_MAYREAD | VM_MAYWRITE | VM_MAYEXEC;
export const VM_LOCKED_MASK: number = VM_LOCKED | VM_LOCKONFAULT;

/** Sets and clears bits of a flag word, bit 31 included. */
export const withFlags = (flags: number, set: number, clear = 0): number => ((flags & ~clear) | set) >>> 0;

/** All of an area's bits, the ones that its other fields tell included. */
export function vmFlags({ prot, shared, growsDown, flags }: Vma): number {
  let bits = flags;
  if (prot & PROT_READ) bits |= VM_READ;
  if (prot & PROT_WRITE) bits |= VM_WRITE;
  if (prot & PROT_EXEC) bits |= VM_EXEC;
  if (shared) bits |= VM_MAYSHARE | (flags & VM_MAYWRITE ? VM_SHARED : 0);
  if (growsDown) bits |= VM_GROWSDOWN;
  return bits >>> 0;
}

/** The letters of /proc/PID/smaps, in the order of the bits: fs/proc/task_mmu.c (`show_smap_vma_flags`). */
const MNEMONICS: readonly (readonly [number, string])[] = [
  [VM_READ, 'rd'], [VM_WRITE, 'wr'], [VM_EXEC, 'ex'], [VM_SHARED, 'sh'], [VM_MAYREAD, 'mr'], [VM_MAYWRITE, 'mw'],
  [VM_MAYEXEC, 'me'], [VM_MAYSHARE, 'ms'], [VM_GROWSDOWN, 'gd'], [VM_LOCKED, 'lo'], [VM_SEQ_READ, 'sr'],
  [VM_RAND_READ, 'rr'], [VM_DONTCOPY, 'dc'], [VM_DONTEXPAND, 'de'], [VM_LOCKONFAULT, 'lf'], [VM_ACCOUNT, 'ac'],
  [VM_NORESERVE, 'nr'], [VM_SYNC, 'sf'], [VM_WIPEONFORK, 'wf'], [VM_DONTDUMP, 'dd'], [VM_HUGEPAGE, 'hg'],
  [VM_NOHUGEPAGE, 'nh'], [VM_MERGEABLE, 'mg'], [VM_DROPPABLE, 'dp'],
]; // biome-ignore format: a table by bit

/** `rd wr mr mw me ac `: each followed by a space, as Linux has it. */
export function vmFlagsText(vma: Vma): string {
  const bits = vmFlags(vma);
  return MNEMONICS.filter(([bit]) => (bits & bit) !== 0)
    .map(([, letters]) => `${letters} `)
    .join('');
}
