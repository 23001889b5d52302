/** getrandom(2): bytes that follow from the machine's seed. */
import { EFAULT, EINVAL } from '../../abi/errno.ts';
import { copyOutSome, isUserRange } from '../mm/user-memory.ts';
import { outRandom } from './args/memory.ts';
import { size } from './args/numbers.ts';
import { randomFlags } from './args/processes.ts';
import { syscall } from './define.ts';

const GRND_NONBLOCK = 1, GRND_RANDOM = 2, GRND_INSECURE = 4; // biome-ignore format: one line
const MOST = 33_554_431n;
/** Nothing is made for a buffer that is not there. */
const CHUNK = 4096;

/** getrandom(2). EINVAL: unknown flags, or RANDOM with INSECURE. EFAULT. */
export const getrandom = syscall({
  number: 318,
  name: 'getrandom',
  args: { buffer: outRandom, count: size, flags: randomFlags },
  support: 'full',
  run(task, { buffer, count, flags }) {
    if (flags & ~(GRND_NONBLOCK | GRND_RANDOM | GRND_INSECURE)) return EINVAL;
    if ((flags & (GRND_RANDOM | GRND_INSECURE)) === (GRND_RANDOM | GRND_INSECURE)) return EINVAL;
    const length = count > MOST ? MOST : count;
    if (!isUserRange(buffer, length)) return EFAULT;
    if (length === 0n) return 0;
    let done = 0;
    while (BigInt(done) < length) {
      const wanted = Math.min(CHUNK, Number(length) - done);
      const count = copyOutSome(task.mm, buffer + BigInt(done), task.kernel.random(wanted));
      done += count;
      if (count < wanted) break;
    }
    return done > 0 ? done : EFAULT;
  },
});
