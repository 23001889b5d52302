/** Where things lie in the address space of a program, with address randomisation off: asm/processor.h, mm/util.c. */
import type { Vpn } from '../../base/ints.ts';

/** First page that no program can have: TASK_SIZE_MAX is 0x7ffffffff000. */
export const USER_END = 0x7_ffff_ffff as Vpn;
export const USER_END_ADDRESS = 0x7fff_ffff_f000n;
/** vm.mmap_min_addr, 64 KiB. */
export const MIN_PAGE = 0x10 as Vpn;
/** mmap places downwards from here: the stack's limit or 128 MiB, whichever is more, is left to the stack. */
export const MMAP_BASE = 0x7_ffff_7fff as Vpn;
/** MAP_32BIT places upwards between these. */
export const LOW_2G: { readonly start: Vpn; readonly end: Vpn } = { start: 0x4_0000 as Vpn, end: 0x8_0000 as Vpn };
/** Where a position-independent program goes. */
export const PIE_BASE = 0x5555_5555_4000n;
/** Pages kept free below a stack. */
export const STACK_GUARD_PAGES = 256;
/** What Linux maps for the stack beyond the arguments: 128 KiB. */
export const STACK_EXTRA_PAGES = 32;
/** vm.max_map_count. */
export const MAX_AREAS = 65530;
