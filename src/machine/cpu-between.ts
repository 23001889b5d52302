/**
 * What stands between the kernel and the CPU, for who wants to lead, stop or change a run (MachineOptions.interpose):
 * everything goes on to the CPU but `run`.
 */
import type { Paddr } from '../base/ints.ts';
import type { Exit } from '../cpu/exit.ts';
import type { Cpu } from '../cpu/run.ts';
import type { KernelCpu } from '../kernel/kernel.ts';

/** The CPU, or another that stands between. */
export type BelowKernel = Required<KernelCpu>;

export abstract class CpuBetween<C extends BelowKernel = Cpu> implements KernelCpu {
  readonly cpu: C;
  readonly state: Cpu['state'];
  readonly level: Cpu['level'];

  constructor(cpu: C) {
    this.cpu = cpu;
    this.state = cpu.state;
    this.level = cpu.level;
  }

  abstract run(budget: number): Exit;

  /** What it remembers that belongs to the moment: a snapshot of the machine takes it along. */
  get remembered(): readonly object[] {
    return [];
  }

  get retired(): number {
    return this.cpu.retired;
  }
  switchTo(cr3: Paddr): void {
    this.cpu.switchTo(cr3);
  }
  invalidatePage(cr3: Paddr, address: bigint): void {
    this.cpu.invalidatePage(cr3, address);
  }
  invalidateAll(cr3: Paddr): void {
    this.cpu.invalidateAll(cr3);
  }
  cloneAddressSpace(from: Paddr, to: Paddr): void {
    this.cpu.cloneAddressSpace(from, to);
  }
  forgetAddressSpace(cr3: Paddr): void {
    this.cpu.forgetAddressSpace(cr3);
  }
}
