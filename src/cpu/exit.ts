/** Why the CPU came back: a value, free of Linux. The kernel decides what it means. */
import type { ExceptionVector } from './builder.ts';

export type Exit =
  /** SYSCALL retired: RCX is the next RIP and R11 is RFLAGS, RIP is the next instruction. */
  | { readonly kind: 'syscall' }
  /** #PF: no state changed; RIP is the faulting instruction. `address` is what CR2 would hold, `errorCode` PF_* of mem/mmu.ts. */
  | { readonly kind: 'pageFault'; readonly address: bigint; readonly errorCode: number }
  /** Any other exception: RIP is the instruction's own (for BP, the next one), state unchanged. */
  | { readonly kind: 'exception'; readonly vector: ExceptionVector; readonly errorCode: number }
  /** The budget is spent, to the instruction. */
  | { readonly kind: 'budget' }
  /** RIP is where the CPU was told to stop (`setStops`, `setTraps`); the instruction there has not begun. */
  | { readonly kind: 'stop' }
  /** An access to a watched frame is to be told (`onWatchedAccess`); its instruction has retired. */
  | { readonly kind: 'watched' }
  /** Never of the CPU itself: whoever stands between it and the kernel gives the next task its turn. */
  | { readonly kind: 'yield' }
  /** Of a single step: whoever watches its memory accesses has refused one; the instruction has not happened. */
  | { readonly kind: 'refused' };
