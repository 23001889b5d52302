/** membarrier(2) on one processor, where every access is in order: kernel/sched/membarrier.c. */
import { EINVAL, EPERM } from '../../abi/errno.ts';
import {
  MEMBARRIER_CMD_GET_REGISTRATIONS,
  MEMBARRIER_CMD_GLOBAL,
  MEMBARRIER_CMD_GLOBAL_EXPEDITED,
  MEMBARRIER_CMD_PRIVATE_EXPEDITED,
  MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE,
  MEMBARRIER_CMD_QUERY,
  MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED,
  MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED,
  MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE,
  MEMBARRIER_NAMES,
} from '../../abi/membarrier.ts';
import { i32 } from './args/kind.ts';
import { hexInt, int } from './args/numbers.ts';
import { named } from './args/text.ts';
import { syscall } from './define.ts';

const REGISTRATIONS =
  MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED |
  MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED |
  MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE;
const PRIVATE = MEMBARRIER_CMD_PRIVATE_EXPEDITED | MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE;
const ALL =
  MEMBARRIER_CMD_GLOBAL | MEMBARRIER_CMD_GLOBAL_EXPEDITED | PRIVATE | REGISTRATIONS | MEMBARRIER_CMD_GET_REGISTRATIONS;

const command = i32((value) => named(value, MEMBARRIER_NAMES, 'MEMBARRIER_CMD_???'));

/** membarrier(2). EINVAL: unknown command, flags. EPERM: an expedited command before its registration. */
export const membarrier = syscall({
  number: 324,
  name: 'membarrier',
  args: { command, flags: hexInt, cpu: int },
  support: { missing: 'restartable sequences' },
  run({ mm }, { command, flags }) {
    if (flags !== 0) return EINVAL;
    if (command === MEMBARRIER_CMD_QUERY) return ALL;
    // One bit, and one that is known.
    if (command < 0 || (command & (command - 1)) !== 0 || !(command & ALL)) return EINVAL;
    if (command === MEMBARRIER_CMD_GET_REGISTRATIONS) return mm.barrierRegistrations;
    if (command & REGISTRATIONS) mm.barrierRegistrations |= command;
    // The command that registers is the one above it.
    if (command & PRIVATE && !(mm.barrierRegistrations & (command << 1))) return EPERM;
    return 0;
  },
});
