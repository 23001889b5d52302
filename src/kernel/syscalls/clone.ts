/** clone(2) and clone3(2): kernel/fork.c. */
import { E2BIG, EINVAL, EPERM, Errno } from '../../abi/errno.ts';
import {
  CLONE_ARGS_BYTES_MIN,
  CLONE_CHILD_CLEARTID,
  CLONE_CHILD_SETTID,
  CLONE_CLEAR_SIGHAND,
  CLONE_INTO_CGROUP,
  CLONE_NAMES,
  CLONE_NEWTIME,
  CLONE_PARENT,
  CLONE_PARENT_SETTID,
  CLONE_PIDFD,
  CLONE_SETTLS,
  CLONE_SIGHAND,
  CLONE_THREAD,
  CSIGNAL,
} from '../../abi/sched.ts';
import { SIGNAL_MAX, signalName } from '../../abi/signal.ts';
import { hex, PAGE_SIZE, type Vaddr } from '../../base/ints.ts';
import { copyIn, isUserRange } from '../mm/user-memory.ts';
import { viewOf } from './args/kind.ts';
import { addr, size } from './args/numbers.ts';
import { cloneFlags, inOutCloneArgs } from './args/processes.ts';
import { pointer, wideFlagParts } from './args/text.ts';
import { type CallView, syscall } from './define.ts';
import { cloneAndWait } from './fork.ts';

const U32 = 0xffff_ffffn;

/** clone(2): a thread or a process. EINVAL: flags that contradict each other. EAGAIN, ENOMEM; EPERM: namespaces. */
export const clone = syscall({
  number: 56,
  name: 'clone',
  args: { flags: cloneFlags, stack: addr, parentTid: addr, childTid: addr, tls: addr },
  support: { missing: 'namespaces' },
  argsText: ({ flags, stack }) => `child_stack=${pointer(stack)}, flags=${cloneFlagsText(flags & U32)}`,
  argsTextAfter({ flags, parentTid, childTid, tls }, call) {
    const parts: string[] = [];
    if (flags & (CLONE_PARENT_SETTID | CLONE_PIDFD)) parts.push(`, parent_tid=${tidText(parentTid, call)}`);
    if (flags & CLONE_SETTLS) parts.push(`, tls=${hex(tls)}`);
    if (flags & (CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID)) parts.push(`, child_tidptr=${pointer(childTid)}`);
    return parts.join('');
  },
  run(task, { flags: wide, stack, parentTid, childTid, tls }, call) {
    const flags = wide & U32;
    if ((flags & (CLONE_PIDFD | CLONE_PARENT_SETTID)) === (CLONE_PIDFD | CLONE_PARENT_SETTID)) return EINVAL;
    const exitSignal = Number(flags & CSIGNAL);
    const pidfd = parentTid;
    const request = {
      call: 'clone',
      flags: flags & ~CSIGNAL,
      exitSignal,
      stack,
      tls,
      parentTid,
      childTid,
      pidfd,
    } as const;
    return cloneAndWait(task, call, request);
  },
});

/** clone3(2). EINVAL: also a size below that of the first version. E2BIG: fields that are not there are not zero. */
export const clone3 = syscall({
  number: 435,
  name: 'clone3',
  args: { args: inOutCloneArgs, size },
  argsText: ({ args }, call) => inOutCloneArgs.print(args as Vaddr, call, BigInt(call.args.size)) ?? pointer(args),
  support: { missing: 'namespaces, CLONE_INTO_CGROUP, chosen numbers' },
  argsTextAfter: ({ args }, call) => cloneResultText(args, call),
  run(task, { args, size }, call) {
    if (size > BigInt(PAGE_SIZE)) return E2BIG;
    if (size < BigInt(CLONE_ARGS_BYTES_MIN)) return EINVAL;
    const bytes = copyIn(task.mm, args, Number(size));
    if (bytes instanceof Errno) return bytes;
    if (bytes.subarray(CLONE_ARGS.length * 8).some((byte) => byte !== 0)) return E2BIG;
    // What the program did not know of is zero, down to the byte.
    const whole = new Uint8Array(CLONE_ARGS.length * 8);
    whole.set(bytes.subarray(0, whole.length));
    const view = viewOf(whole);
    const field = (name: (typeof CLONE_ARGS)[number]): bigint => view.getBigUint64(CLONE_ARGS.indexOf(name) * 8, true);
    const flags = field('flags');
    const exitSignal = field('exitSignal');
    const [stack, stackSize] = [field('stack'), field('stackSize')];
    const [setTid, setTidSize] = [field('setTid'), field('setTidSize')];
    if (setTidSize > 32n || (setTid === 0n) !== (setTidSize === 0n)) return EINVAL;
    if (exitSignal > CSIGNAL || exitSignal > BigInt(SIGNAL_MAX)) return EINVAL;
    if (flags & CLONE_INTO_CGROUP && (field('cgroup') > 0x7fff_ffffn || size < 88n)) return EINVAL;
    if (flags & ~KNOWN) return EINVAL;
    if (flags & CLONE_SIGHAND && flags & CLONE_CLEAR_SIGHAND) return EINVAL;
    if (flags & (CLONE_THREAD | CLONE_PARENT) && exitSignal !== 0n) return EINVAL;
    if (stack === 0n ? stackSize !== 0n : stackSize === 0n || !isUserRange(stack, stackSize)) return EINVAL;
    if (setTidSize > 0n || flags & CLONE_INTO_CGROUP) return EPERM;
    return cloneAndWait(task, call, {
      call: 'clone3',
      flags,
      exitSignal: Number(exitSignal),
      stack: stack + stackSize,
      tls: field('tls'),
      parentTid: field('parentTid'),
      childTid: field('childTid'),
      pidfd: field('pidfd'),
    });
  },
});

/** struct clone_args: 64-bit fields in this order; the first eight are its first version. */
const CLONE_ARGS = [
  'flags', 'pidfd', 'childTid', 'parentTid', 'exitSignal', 'stack', 'stackSize', 'tls', 'setTid', 'setTidSize', 'cgroup',
] as const; // biome-ignore format: a list
/** CLONE_DETACHED is refused on its own; CLONE_NEWTIME is in the byte of the signal. */
const KNOWN = Object.values(CLONE_NAMES).reduce((all, one) => all | one, CLONE_NEWTIME);

function cloneFlagsText(flags: bigint): string {
  const names = wideFlagParts(flags & ~CSIGNAL, CLONE_NAMES);
  const signal = Number(flags & CSIGNAL);
  if (signal !== 0) names.push(signalName(signal));
  return names.length > 0 ? names.join('|') : '0';
}

/** ` => {parent_tid=[101]}, 88`: what the call has stored, and the size. */
function cloneResultText(address: bigint, call: CallView): string {
  const bytes = call.peek(address, CLONE_ARGS_BYTES_MIN);
  const flags = bytes === undefined ? 0n : viewOf(bytes).getBigUint64(0, true);
  const parts: string[] = [];
  if (bytes !== undefined && call.result !== undefined && call.result > 0n) {
    if (flags & CLONE_PIDFD) parts.push(`pidfd=${tidText(viewOf(bytes).getBigUint64(8, true), call)}`);
    if (flags & CLONE_PARENT_SETTID) parts.push(`parent_tid=${tidText(viewOf(bytes).getBigUint64(24, true), call)}`);
  }
  return `${parts.length > 0 ? ` => {${parts.join(', ')}}` : ''}, ${call.args.size}`;
}

/** `[101]`, once the call has stored it. */
function tidText(address: bigint, { result, peek }: CallView): string {
  const bytes = result !== undefined && result > 0n ? peek(address, 4) : undefined;
  return bytes === undefined ? pointer(address) : `[${viewOf(bytes).getInt32(0, true)}]`;
}
