/** Arguments of calls on processes and their limits, and of what the machine says of itself. */
import { ARCH_NAMES } from '../../../abi/prctl.ts';
import { RLIM_INFINITY, RLIMIT_BYTES, RLIMIT_NAMES, RUSAGE_NAMES } from '../../../abi/resource.ts';
import { CLONE_CHILD_CLEARTID, CLONE_CHILD_SETTID, CLONE_INTO_CGROUP, CLONE_NAMES, CLONE_PARENT_SETTID, CLONE_PIDFD, CLONE_SETTLS } from '../../../abi/sched.ts'; // biome-ignore format: one line
import { signalName } from '../../../abi/signal.ts';
import { RUSAGE_BYTES, SYSINFO_BYTES, UTSNAME_BYTES, UTSNAME_FIELD_BYTES } from '../../../abi/structs.ts';
import { WAIT_ID_NAMES, WAIT_OPTION_NAMES } from '../../../abi/wait.ts';
import { hex } from '../../../base/ints.ts';
import type { CallView } from '../define.ts';
import { filled, i32, input, inStruct, output, outStruct, u32, u64, viewOf } from './kind.ts';
import { policyName } from './scheduling.ts';
import {
  decimal,
  flagParts,
  flagsText,
  LIST_ITEMS,
  named,
  pointer,
  quoted,
  STRING_BYTES,
  wideFlagParts,
  zeroOrHex,
} from './text.ts';
import { timevalText } from './time.ts';

export const pid = i32(decimal);
export const cloneFlags = u64(zeroOrHex);
/** struct clone_args; its size is the next argument. The call stores numbers where it points to. */
export const inOutCloneArgs = input((address, { peek }, size) => {
  const bytes = size < 64n || size > 4096n ? undefined : peek(address, Number(size));
  return bytes === undefined ? pointer(address) : cloneArgsText(bytes);
});
export const waitOptions = u32((options) => flagsText(options, WAIT_OPTION_NAMES, 'W???'));
export const outWaitStatus = output((address, call) =>
  call.result === 0n
    ? pointer(address)
    : filled(address, call, 4, (bytes) => `[${statusText(viewOf(bytes).getUint32(0, true))}]`),
);
export const waitIdType = i32((type) => named(type, WAIT_ID_NAMES, 'P_???'));
export const usageWho = i32((who) => named(who, RUSAGE_NAMES, 'RUSAGE_???'));
export const outRusage = outStruct(RUSAGE_BYTES, rusageText);
/** As `outRusage`, but a result of 0 has filled nothing. */
export const outWaitRusage = output((address, call) =>
  call.result === 0n ? pointer(address) : filled(address, call, RUSAGE_BYTES, rusageText),
);
export const archCode = u32((code) => named(code, ARCH_NAMES, 'ARCH_???'));
export const resource = u32((value) => named(value, RLIMIT_NAMES, 'RLIMIT_???'));
export const inRlimit = inStruct(RLIMIT_BYTES, rlimitText);
export const outRlimit = outStruct(RLIMIT_BYTES, rlimitText);
export const randomFlags = u32((flags) =>
  flagsText(flags, { GRND_NONBLOCK: 1, GRND_RANDOM: 2, GRND_INSECURE: 4 }, 'GRND_???'),
);
export const outUtsname = outStruct(UTSNAME_BYTES, utsnameText);
export const outSysinfo = outStruct(SYSINFO_BYTES, sysinfoText);
/** Processors; the size of the set is the argument before it. */
export const inCpuSet = input((address, { args, peek }) => {
  const bytes = address === 0n ? undefined : peek(address, Math.min(Number(args.size), 128));
  return bytes === undefined ? pointer(address) : cpuSetText(bytes);
});
export const outCpuSet = output((address, call) => filled(address, call, Number(call.result ?? 0n), cpuSetText));

/** `["ls", "-l"]`: argv of execve(2). */
export const argumentList = input((address, { peek }) => {
  if (address === 0n) return 'NULL';
  const texts: string[] = [];
  for (let at: bigint = address; ; at += 8n) {
    const bytes = peek(at, 8);
    if (bytes === undefined)
      return texts.length === 0 ? pointer(address) : `[${texts.join(', ')}, ... /* ${pointer(at)} */]`;
    const item = viewOf(bytes).getBigUint64(0, true);
    if (item === 0n) return `[${texts.join(', ')}]`;
    if (texts.length === LIST_ITEMS) return `[${texts.join(', ')}, ...]`;
    texts.push(stringText(item, peek));
  }
});
/** `0x7ffe12345678 /* 24 vars *\/`: envp of execve(2). */
export const environmentList = input((address, { peek }) => {
  if (address === 0n) return 'NULL';
  for (let count = 0; ; count++) {
    const bytes = peek(address + BigInt(8 * count), 8);
    if (bytes === undefined) return pointer(address);
    if (viewOf(bytes).getBigUint64(0, true) === 0n)
      return `${pointer(address)} /* ${count} var${count === 1 ? '' : 's'} */`;
  }
});

/** A string that ends in NUL, cut as strace(1) cuts it. */
function stringText(address: bigint, peek: CallView['peek']): string {
  const bytes: number[] = [];
  while (bytes.length <= STRING_BYTES) {
    const byte = peek(address + BigInt(bytes.length), 1);
    if (byte === undefined) return pointer(address);
    if (byte[0] === 0) break;
    bytes.push(byte[0]);
  }
  return quoted(Uint8Array.from(bytes));
}

function statusText(status: number): string {
  const signal = status & 0x7f;
  if (status === 0xffff) return '{WIFCONTINUED(s)}';
  if (signal === 0x7f) return `{WIFSTOPPED(s) && WSTOPSIG(s) == ${signalName((status >> 8) & 0xff)}}`;
  if (signal === 0) return `{WIFEXITED(s) && WEXITSTATUS(s) == ${(status >> 8) & 0xff}}`;
  return `{WIFSIGNALED(s) && WTERMSIG(s) == ${signalName(signal)}}`;
}

function cloneArgsText(bytes: Uint8Array): string {
  const field = (index: number): bigint =>
    index * 8 < bytes.length ? viewOf(bytes).getBigUint64(index * 8, true) : 0n;
  const [flags, pidfd, childTid, parentTid, exitSignal, stack, stackSize, tls] = Array.from({ length: 8 }, (_, i) => field(i)); // biome-ignore format: one line
  const names = wideFlagParts(flags, CLONE_NAMES);
  const parts = [`flags=${names.length > 0 ? names.join('|') : '0'}`];
  if (flags & CLONE_PIDFD) parts.push(`pidfd=${pointer(pidfd)}`);
  if (flags & (CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID)) parts.push(`child_tid=${pointer(childTid)}`);
  if (flags & CLONE_PARENT_SETTID) parts.push(`parent_tid=${pointer(parentTid)}`);
  parts.push(`exit_signal=${exitSignal === 0n ? '0' : signalName(Number(exitSignal))}`);
  parts.push(`stack=${pointer(stack)}`, `stack_size=${zeroOrHex(stackSize)}`);
  if (flags & CLONE_SETTLS) parts.push(`tls=${pointer(tls)}`);
  if (field(8) !== 0n || field(9) !== 0n) parts.push(`set_tid=${pointer(field(8))}`, `set_tid_size=${field(9)}`);
  if (flags & CLONE_INTO_CGROUP) parts.push(`cgroup=${field(10)}`);
  return `{${parts.join(', ')}}`;
}

function rusageText(bytes: Uint8Array): string {
  return `{ru_utime=${timevalText(bytes)}, ru_stime=${timevalText(bytes.subarray(16))}, ...}`;
}

function rlimitText(bytes: Uint8Array): string {
  const limit = (at: number): string => {
    const value = viewOf(bytes).getBigUint64(at, true);
    if (value === RLIM_INFINITY) return 'RLIM64_INFINITY';
    return value > 1024n && value % 1024n === 0n ? `${value / 1024n}*1024` : String(value);
  };
  return `{rlim_cur=${limit(0)}, rlim_max=${limit(8)}}`;
}

/** `[0 2]`. */
const cpuSetText = (bytes: Uint8Array): string =>
  `[${Array.from({ length: bytes.length * 8 }, (_, i) => i)
    .filter((i) => bytes[i >> 3] & (1 << (i & 7)))
    .join(' ')}]`;

function sysinfoText(bytes: Uint8Array): string {
  const u64 = (at: number): bigint => viewOf(bytes).getBigUint64(at, true);
  const loads = [8, 16, 24].map((at) => u64(at)).join(', ');
  const memory = ['totalram', 'freeram', 'sharedram', 'bufferram', 'totalswap', 'freeswap'].map(
    (name, i) => `${name}=${u64(32 + 8 * i)}`,
  );
  const view = viewOf(bytes);
  return `{uptime=${u64(0)}, loads=[${loads}], ${memory.join(', ')}, procs=${view.getUint16(80, true)}, totalhigh=${u64(88)}, freehigh=${u64(96)}, mem_unit=${view.getUint32(104, true)}}`;
}

function utsnameText(bytes: Uint8Array): string {
  const field = (index: number): string => {
    const start = index * UTSNAME_FIELD_BYTES;
    return quoted(bytes.subarray(start, bytes.indexOf(0, start)), Infinity);
  };
  return `{sysname=${field(0)}, nodename=${field(1)}, ...}`;
}

export const priorityKind = i32((which) => named(which, ['PRIO_PROCESS', 'PRIO_PGRP', 'PRIO_USER'], 'PRIO_???'));
export const schedPolicy = i32(policyName);
const paramText = (bytes: Uint8Array): string => `[${viewOf(bytes).getInt32(0, true)}]`;
export const inSchedParam = inStruct(4, paramText);
export const outSchedParam = outStruct(4, paramText);
/** struct sched_attr, whose first word is its size. */
export const inSchedAttr = input((address, { peek }) => {
  const head = address === 0n ? undefined : peek(address, 4);
  const bytes = head && peek(address, Math.max(48, Math.min(56, viewOf(head).getUint32(0, true))));
  return bytes === undefined ? pointer(address) : schedAttrText(bytes);
});
export const outSchedAttr = output((address, call) =>
  filled(address, call, Number(call.args.size) >= 56 ? 56 : 48, schedAttrText),
);

function schedAttrText(bytes: Uint8Array): string {
  const view = viewOf(bytes);
  const u64 = (at: number): bigint => view.getBigUint64(at, true);
  const flags = u64(8) === 0n ? '0' : u64(8) === 1n ? 'SCHED_FLAG_RESET_ON_FORK' : hex(u64(8));
  const parts = [
    `size=${view.getUint32(0, true)}`,
    `sched_policy=${policyName(view.getUint32(4, true))}`,
    `sched_flags=${flags}`,
    `sched_nice=${view.getInt32(16, true)}`,
    `sched_priority=${view.getUint32(20, true)}`,
    ...['runtime', 'deadline', 'period'].map((name, i) => `sched_${name}=${u64(24 + 8 * i)}`),
  ];
  if (bytes.length >= 56)
    parts.push(`sched_util_min=${view.getUint32(48, true)}`, `sched_util_max=${view.getUint32(52, true)}`);
  return `{${parts.join(', ')}}`;
}

const PERSONALITY_FLAGS = {
  UNAME26: 0x0002_0000, ADDR_NO_RANDOMIZE: 0x0004_0000, FDPIC_FUNCPTRS: 0x0008_0000, MMAP_PAGE_ZERO: 0x0010_0000,
  ADDR_COMPAT_LAYOUT: 0x0020_0000, READ_IMPLIES_EXEC: 0x0040_0000, ADDR_LIMIT_32BIT: 0x0080_0000,
  SHORT_INODE: 0x0100_0000, WHOLE_SECONDS: 0x0200_0000, STICKY_TIMEOUTS: 0x0400_0000, ADDR_LIMIT_3GB: 0x0800_0000,
} as const; // biome-ignore format: a list
/** `PER_LINUX|ADDR_NO_RANDOMIZE`. */
export function personalityText(persona: number): string {
  const kind = persona & 0xff;
  const first = kind === 0 ? 'PER_LINUX' : kind === 8 ? 'PER_LINUX32' : `${hex(kind)} /* PER_??? */`;
  return [first, ...flagParts((persona & ~0xff) >>> 0, PERSONALITY_FLAGS)].join('|');
}
export const personalityFlags = u32((persona) => (persona === 0xffff_ffff ? '0xffffffff' : personalityText(persona)));
export const outNumber = outStruct(4, (bytes) => `[${viewOf(bytes).getUint32(0, true)}]`);
export const unshareFlags = u64((flags) => {
  const names = wideFlagParts(flags, CLONE_NAMES);
  if (names.length === 1 && names[0].startsWith('0x')) return `${names[0]} /* CLONE_??? */`;
  return names.length === 0 ? '0' : names.join('|');
});
