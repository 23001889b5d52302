/** sigaltstack(2): kernel/signal.c (`do_sigaltstack`). */
import { EFAULT, Errno } from '../../abi/errno.ts';
import { RSP } from '../../cpu/state.ts';
import { copyIn, copyOut } from '../mm/user-memory.ts';
import { STACK_T_BYTES, stackBytes, stackFlags, stackFrom } from '../task/alt-stack.ts';
import { inAltStack, outAltStack } from './args/signals.ts';
import { syscall } from './define.ts';

/** sigaltstack(2). EPERM: the stack is in use. EINVAL: no such flags. ENOMEM: it is too small. EFAULT: of `old`, after the change. */
export const sigaltstack = syscall({
  number: 131,
  name: 'sigaltstack',
  args: { stack: inAltStack, old: outAltStack },
  support: 'full',
  run(task, { stack, old }) {
    const rsp = task.kernel.cpu.state.reg(RSP);
    const before = task.altStack;
    if (stack !== 0n) {
      const bytes = copyIn(task.mm, stack, STACK_T_BYTES);
      if (bytes instanceof Errno) return bytes;
      const wanted = stackFrom(bytes, before, rsp);
      if (wanted instanceof Errno) return wanted;
      task.altStack = wanted;
    }
    const bytes = stackBytes(before, stackFlags(before, rsp));
    return old !== 0n && copyOut(task.mm, old, bytes) !== undefined ? EFAULT : 0;
  },
});
