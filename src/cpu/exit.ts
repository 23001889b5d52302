/** Why the CPU came back: a value, free of Linux. The kernel decides what it means. */
import type { Vector } from './builder.ts';

/** Bits of a page-fault error code. Intel SDM Vol. 3A, "Page-Fault Exceptions". */
export const PF_PRESENT = 1, PF_WRITE = 2, PF_USER = 4, PF_FETCH = 16; // biome-ignore format: one line

export type Exit =
  /** SYSCALL retired: RCX is the next RIP and R11 is RFLAGS, RIP is the next instruction. */
  | { readonly kind: 'syscall' }
  /** #PF: no state changed; RIP is the faulting instruction. `address` is what CR2 would hold. */
  | { readonly kind: 'pageFault'; readonly address: bigint; readonly errorCode: number }
  /** Any other exception: RIP is the instruction's own (for BP, the next one), state unchanged. */
  | { readonly kind: 'exception'; readonly vector: Vector; readonly errorCode: number }
  /** The budget is spent, to the instruction. */
  | { readonly kind: 'budget' };
