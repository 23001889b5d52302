/** sysinfo(2): kernel/sys.c (`do_sysinfo`). */
import { EFAULT } from '../../abi/errno.ts';
import { NS_PER_SECOND, SYSINFO_BYTES, SYSINFO_FREERAM, SYSINFO_MEM_UNIT, SYSINFO_PROCS, SYSINFO_TOTALRAM } from '../../abi/structs.ts'; // biome-ignore format: one line
import { PAGE_SIZE } from '../../base/ints.ts';
import { copyOut } from '../mm/user-memory.ts';
import { outSysinfo } from './args/processes.ts';
import { syscall } from './define.ts';

/** sysinfo(2). EFAULT. */
export const sysinfo = syscall({
  number: 99,
  name: 'sysinfo',
  args: { info: outSysinfo },
  support: { missing: 'load averages, which are 0; shared and buffered memory' },
  run({ kernel, mm }, { info }) {
    const { frames } = kernel;
    const bytes = new Uint8Array(SYSINFO_BYTES);
    const view = new DataView(bytes.buffer);
    view.setBigInt64(0, BigInt(Math.ceil(kernel.now() / NS_PER_SECOND)), true);
    view.setBigUint64(SYSINFO_TOTALRAM, BigInt(frames.limit) * BigInt(PAGE_SIZE), true);
    view.setBigUint64(SYSINFO_FREERAM, BigInt(frames.limit - frames.inUse()) * BigInt(PAGE_SIZE), true);
    view.setUint16(SYSINFO_PROCS, kernel.taskCount(), true);
    view.setUint32(SYSINFO_MEM_UNIT, 1, true);
    return copyOut(mm, info, bytes) === undefined ? 0 : EFAULT;
  },
});
