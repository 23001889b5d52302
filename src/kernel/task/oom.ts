/**
 * Memory is used up: the process that has most of it is killed, and what is its own is taken at once, before it has had
 * its turn to die. mm/oom_kill.c (`oom_badness`, `__oom_kill_process`, `oom_reap_task_mm`); oom_score_adj is left out.
 */
import { SIGKILL } from '../../abi/signal.ts';
import type { Kernel } from '../kernel.ts';
import type { AddressSpace } from '../mm/address-space.ts';
import type { Process } from './process.ts';
import { fromKernel, sendToProcess } from './signal.ts';

/** Whether frames have become free. If not, it is the asker who dies, when he returns to user mode. */
export function relieveShortage(kernel: Kernel, asker: AddressSpace): boolean {
  for (;;) {
    if (asker.isReaped) return false;
    const victim = findLargest(kernel);
    if (victim === undefined) return false;
    const { process, space } = victim;
    kernel.host.diagnose(`out of memory: pid ${process.pid} (${process.comm}) is killed`);
    for (const other of kernel.processes()) if (spaceOf(other) === space) sendToProcess(other, fromKernel(SIGKILL));
    if (space === asker || process === kernel.current?.process) {
      space.isReaped = true;
      return false;
    }
    if (space.reap() > 0) return true;
  }
}

const spaceOf = (process: Process): AddressSpace | undefined => process.threads.find((task) => task.hasMemory())?.mm;

/** By frames in use, page tables included; of equals the first. */
function findLargest(kernel: Kernel): { process: Process; space: AddressSpace } | undefined {
  let largest: { process: Process; space: AddressSpace } | undefined;
  let most = 0;
  for (const process of kernel.processes()) {
    const space = spaceOf(process);
    if (space === undefined || space.isReaped) continue;
    const size = space.residentPages + space.pageTable.tableFrames();
    if (size <= most) continue;
    most = size;
    largest = { process, space };
  }
  return largest;
}
