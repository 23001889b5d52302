/** prctl(2): what a process or thread says of itself. kernel/sys.c, security/commoncap.c. */
import { EFAULT, EINVAL, EPERM } from '../../abi/errno.ts';
import { SIGNAL_MAX } from '../../abi/signal.ts';
import { copyInSome, copyOut, writeU32, writeU64 } from '../mm/user-memory.ts';
import { ALL_CAPABILITIES, CAP_SETPCAP, hasCapability } from '../task/credentials.ts';
import type { Task } from '../task/task.ts';
import { word } from './args/numbers.ts';
import { prctlOption, prctlResult, prctlText } from './args/prctl.ts';
import { type SyscallResult, syscall } from './define.ts';

const COMM_BYTES = 15;
const DEFAULT_SLACK_NS = 50_000n;
const LAST_CAP = 40n;
const SECBIT_KEEP_CAPS = 0x10;
const AMBIENT_IS_SET = 1n, AMBIENT_RAISE = 2n, AMBIENT_LOWER = 3n, AMBIENT_CLEAR = 4n; // biome-ignore format: one line
const MCE_KILL_DEFAULT = 2;
const MAX_MCE_KILL = 2n;
const TSC_ENABLE = 1;

type Words = readonly [second: bigint, third: bigint, fourth: bigint, fifth: bigint];
type Operation = (task: Task, words: Words) => SyscallResult;

const rest = ([, third, fourth, fifth]: Words): boolean => third !== 0n || fourth !== 0n || fifth !== 0n;

/** By option: linux/prctl.h. */
const OPERATIONS: Readonly<Record<number, Operation>> = {
  // PR_SET_PDEATHSIG, PR_GET_PDEATHSIG
  1: (task, [signal]) => {
    if (signal > BigInt(SIGNAL_MAX)) return EINVAL;
    task.parentDeathSignal = Number(signal);
    return 0;
  },
  2: (task, [address]) => writeU32(task.mm, address, task.parentDeathSignal) ?? 0,
  // PR_GET_DUMPABLE, PR_SET_DUMPABLE
  3: (task) => task.process.dumpable,
  4: (task, [value]) => {
    if (value > 1n) return EINVAL;
    task.process.dumpable = Number(value);
    return 0;
  },
  // PR_GET_KEEPCAPS, PR_SET_KEEPCAPS
  7: (task) => (task.keepsCapabilities ? 1 : 0),
  8: (task, [value]) => {
    if (value > 1n) return EINVAL;
    task.keepsCapabilities = value === 1n;
    return 0;
  },
  // PR_GET_TIMING, PR_SET_TIMING
  13: () => 0,
  14: (_task, [value]) => (value === 0n ? 0 : EINVAL),
  // PR_SET_NAME, PR_GET_NAME
  15: (task, [address]) => {
    const bytes = copyInSome(task.mm, address, COMM_BYTES);
    const end = bytes.indexOf(0);
    if (end < 0 && bytes.length < COMM_BYTES) return EFAULT;
    task.comm = new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end));
    return 0;
  },
  16: (task, [address]) => {
    const bytes = new Uint8Array(COMM_BYTES + 1);
    bytes.set(new TextEncoder().encode(task.comm).subarray(0, COMM_BYTES));
    return copyOut(task.mm, address, bytes) ?? 0;
  },
  // PR_GET_SECCOMP
  21: () => 0,
  // PR_CAPBSET_READ, PR_CAPBSET_DROP
  23: (task, [cap]) => (cap > LAST_CAP ? EINVAL : Number((task.credentials.capabilities.bounding >> cap) & 1n)),
  24: (task, [cap]) => {
    if (!hasCapability(task.credentials, CAP_SETPCAP)) return EPERM;
    if (cap > LAST_CAP) return EINVAL;
    const { capabilities } = task.credentials;
    const bounding = capabilities.bounding & ~(1n << cap);
    task.credentials = { ...task.credentials, capabilities: { ...capabilities, bounding } };
    return 0;
  },
  // PR_GET_TSC, PR_SET_TSC: RDTSC is always there.
  25: (task, [address]) => writeU32(task.mm, address, TSC_ENABLE) ?? 0,
  26: (_task, [value]) => (value === BigInt(TSC_ENABLE) ? 0 : EINVAL),
  // PR_GET_SECUREBITS, PR_SET_SECUREBITS
  27: (task) => (task.keepsCapabilities ? SECBIT_KEEP_CAPS : 0),
  28: () => EPERM,
  // PR_SET_TIMERSLACK, PR_GET_TIMERSLACK
  29: (task, [value]) => {
    task.timerSlack = BigInt.asIntN(64, value) <= 0n ? DEFAULT_SLACK_NS : value;
    return 0;
  },
  30: (task) => task.timerSlack,
  // PR_MCE_KILL, PR_MCE_KILL_GET
  33: (_task, [value, , fourth, fifth]) => (value > MAX_MCE_KILL || fourth !== 0n || fifth !== 0n ? EINVAL : 0),
  34: (_task, words) => (words[0] !== 0n || rest(words) ? EINVAL : MCE_KILL_DEFAULT),
  // PR_SET_MM
  35: () => EPERM,
  // PR_SET_CHILD_SUBREAPER, PR_GET_CHILD_SUBREAPER
  36: (task, [value]) => {
    task.process.isSubreaper = value !== 0n;
    return 0;
  },
  37: (task, [address]) => writeU32(task.mm, address, task.process.isSubreaper ? 1 : 0) ?? 0,
  // PR_SET_NO_NEW_PRIVS, PR_GET_NO_NEW_PRIVS
  38: (task, words) => {
    if (words[0] !== 1n || rest(words)) return EINVAL;
    task.hasNoNewPrivileges = true;
    return 0;
  },
  39: (task, words) => (words[0] !== 0n || rest(words) ? EINVAL : task.hasNoNewPrivileges ? 1 : 0),
  // PR_GET_TID_ADDRESS
  40: (task, [address]) => writeU64(task.mm, address, task.clearChildTid) ?? 0,
  // PR_SET_THP_DISABLE, PR_GET_THP_DISABLE: there are no large pages.
  41: (task, words) => {
    if (rest(words)) return EINVAL;
    task.process.refusesHugePages = words[0] !== 0n;
    return 0;
  },
  42: (task, words) => (words[0] !== 0n || rest(words) ? EINVAL : task.process.refusesHugePages ? 1 : 0),
  // PR_CAP_AMBIENT
  47: ambient,
  // PR_SET_IO_FLUSHER, PR_GET_IO_FLUSHER
  57: () => EPERM,
  58: () => EPERM,
};

function ambient(task: Task, [what, cap, fourth, fifth]: Words): SyscallResult {
  const { capabilities } = task.credentials;
  const set = (mask: bigint): 0 => {
    task.credentials = { ...task.credentials, capabilities: { ...capabilities, ambient: mask & ALL_CAPABILITIES } };
    return 0;
  };
  if (what === AMBIENT_CLEAR) return cap !== 0n || fourth !== 0n || fifth !== 0n ? EINVAL : set(0n);
  if (cap > LAST_CAP || fourth !== 0n || fifth !== 0n) return EINVAL;
  const bit = 1n << cap;
  if (what === AMBIENT_IS_SET) return capabilities.ambient & bit ? 1 : 0;
  if (what === AMBIENT_LOWER) return set(capabilities.ambient & ~bit);
  if (what !== AMBIENT_RAISE) return EINVAL;
  return capabilities.permitted & capabilities.inheritable & bit ? set(capabilities.ambient | bit) : EPERM;
}

/** prctl(2). EINVAL: no such option, or not with these arguments. EPERM, EFAULT. */
export const prctl = syscall({
  number: 157,
  name: 'prctl',
  args: { option: prctlOption, second: word, third: word, fourth: word, fifth: word },
  support: { missing: 'seccomp, speculation, names of mappings, scheduling of cores: EINVAL; PR_SET_MM' },
  argsText: prctlText.before,
  argsTextAfter: prctlText.after,
  resultNote: ({ option }, result) => prctlResult(option, result),
  run(task, { option, second, third, fourth, fifth }) {
    const operation = Object.hasOwn(OPERATIONS, option) ? OPERATIONS[option] : undefined;
    return operation === undefined ? EINVAL : operation(task, [second, third, fourth, fifth]);
  },
});
