/** What memory management needs from around it: the machine's memory, and the CPU's caches of the page tables. */
import type { Pfn } from '../../base/ints.ts';
import type { Cpu } from '../../cpu/run.ts';
import type { Frames } from '../../mem/frames.ts';
import type { Access } from '../../mem/mmu.ts';
import type { Pte } from '../../mem/pte.ts';
import type { AddressSpace } from './address-space.ts';
import type { FaultResult } from './fault.ts';

export type PageCaches = Pick<Cpu, 'invalidatePage' | 'invalidateAll' | 'cloneAddressSpace' | 'forgetAddressSpace'>;

export type FaultObserver = (
  space: AddressSpace,
  address: bigint,
  access: Access,
  before: Pte,
  after: Pte,
  result: FaultResult,
) => void;

export interface MmHost {
  readonly frames: Frames;
  readonly cpu: PageCaches;
  /** All zeros, never written, mapped wherever untouched anonymous memory is read. The kernel holds one reference. */
  readonly zeroFrame: Pfn;
  /** The soft limit of the task that runs, by its RLIMIT_ number. */
  limit(resource: number): bigint;
  /**
   * No frame is left for an address space: somebody is killed for his memory. Whether there are frames now; if not, it is
   * the asker who dies, as soon as he returns to user mode.
   */
  relieve(asker: AddressSpace): boolean;
  readonly onFault?: FaultObserver | undefined;
  /** Is told of the kernel's own accesses to a program's memory: bytes of one page, and where they are. */
  onUserAccess?:
    | ((space: AddressSpace, address: bigint, bytes: number, paddr: number, access: Access) => void)
    | undefined;
}
