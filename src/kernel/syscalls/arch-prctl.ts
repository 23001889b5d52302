/** arch_prctl(2): bases of the FS and GS segments. arch/x86/kernel/process_64.c. */
import { EINVAL, EPERM } from '../../abi/errno.ts';
import { ARCH_GET_FS, ARCH_GET_GS, ARCH_SET_FS, ARCH_SET_GS } from '../../abi/prctl.ts';
import { USER_END_ADDRESS } from '../mm/limits.ts';
import { writeU64 } from '../mm/user-memory.ts';
import { word } from './args/numbers.ts';
import { archCode } from './args/processes.ts';
import { syscall } from './define.ts';

/** arch_prctl(2). EINVAL: no such operation. EPERM: a base outside user space. EFAULT. */
export const archPrctl = syscall({
  number: 158,
  name: 'arch_prctl',
  args: { code: archCode, address: word },
  support: { missing: 'CPUID faulting, features of the CPU' },
  run(task, { code, address }) {
    const { state } = task.kernel.cpu;
    switch (code) {
      case ARCH_SET_FS:
        if (address >= USER_END_ADDRESS) return EPERM;
        state.fsBase = address;
        return 0;
      case ARCH_SET_GS:
        if (address >= USER_END_ADDRESS) return EPERM;
        state.gsBase = address;
        return 0;
      case ARCH_GET_FS:
        return writeU64(task.mm, address, state.fsBase) ?? 0;
      case ARCH_GET_GS:
        return writeU64(task.mm, address, state.gsBase) ?? 0;
      default:
        return EINVAL;
    }
  },
});
