/** flock(2): fs/locks.c. */
import { EAGAIN, EBADF, EINVAL, ERESTARTSYS } from '../../abi/errno.ts';
import { FLOCK_NAMES, LOCK_EX, LOCK_MAND, LOCK_NB, LOCK_SH, LOCK_UN } from '../../abi/fcntl.ts';
import type { OpenFile } from '../vfs/open-file.ts';
import { fd } from './args/files.ts';
import { u32 } from './args/kind.ts';
import { flagsText } from './args/text.ts';
import { Blocked, syscall } from './define.ts';

const operation = u32((value) => flagsText(value, FLOCK_NAMES, 'LOCK_???'));

/** flock(2): the lock belongs to the open file, so to all of its descriptors. EAGAIN, with LOCK_NB; EBADF; EINVAL. */
export const flock = syscall({
  number: 73,
  name: 'flock',
  args: { fd, operation },
  support: 'full',
  run(task, { fd, operation }, call) {
    // Mandatory locks are gone, and asking for them is nothing.
    if (operation & LOCK_MAND) return 0;
    const wanted = operation & ~LOCK_NB;
    if (wanted !== LOCK_SH && wanted !== LOCK_EX && wanted !== LOCK_UN) return EINVAL;
    const file = (call.memo as OpenFile | undefined) ?? task.files.find(fd);
    if (file === undefined) return EBADF;
    const locks = file.fileLocks();
    if (wanted === LOCK_UN) {
      locks.unlockWhole(file);
      return 0;
    }
    if (locks.lockWhole(file, wanted === LOCK_EX ? 'write' : 'read')) return 0;
    if (operation & LOCK_NB) return EAGAIN;
    call.memo = file;
    return new Blocked(locks.changed, undefined, ERESTARTSYS);
  },
});
