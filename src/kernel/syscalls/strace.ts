/**
 * A call as strace(1) prints it, from its record. Arguments that the call fills in are printed after it, so a call has
 * two halves: `wait4(-1, ` and `NULL, 0, NULL)`; a call that sleeps is shown in two lines that way.
 */
import type { Errno } from '../../abi/errno.ts';
import { AT_FDCWD, AT_FLAG_NAMES, OPEN_FLAG_NAMES, PATH_MAX, SEEK_NAMES } from '../../abi/fcntl.ts';
import { IOCTL_NAMES } from '../../abi/ioctl.ts';
import { MAP_FLAG_NAMES, MAP_TYPE, MAP_TYPE_NAMES, PROT_NAMES } from '../../abi/mman.ts';
import { ARCH_NAMES } from '../../abi/prctl.ts';
import { RLIM_INFINITY, RLIMIT_BYTES, RLIMIT_NAMES, RUSAGE_NAMES } from '../../abi/resource.ts';
import {
  MASK_CHANGE_NAMES,
  SIGSET_BYTES,
  type SignalInfo,
  signalCodeName,
  signalName,
  signalSetText,
} from '../../abi/signal.ts';
import { STAT_BYTES, statText } from '../../abi/stat.ts';
import {
  IOVEC_BYTES,
  RUSAGE_BYTES,
  readPair,
  SYSINFO_BYTES,
  UTSNAME_BYTES,
  UTSNAME_FIELD_BYTES,
} from '../../abi/structs.ts';
import { CLOCK_NAMES } from '../../abi/time.ts';
import { type Ending, WAIT_OPTION_NAMES } from '../../abi/wait.ts';
import { hex, PAGE_SIZE, s64 } from '../../base/ints.ts';
import type { ArgKind, ArgTypes, ArgValues, Syscall } from './define.ts';

/** What a call looks like to its printer. */
export interface CallView {
  readonly record: Syscall;
  readonly args: ArgValues;
  /** RAX, once the call has returned. */
  readonly result: bigint | undefined;
  /** Memory of the task without side effects; undefined when some of it is not there. */
  peek(address: bigint, length: number): Uint8Array | undefined;
}

/** Column at which strace(1) puts `=`. */
const RESULT_COLUMN = 40;
const STRING_BYTES = 32;
const LIST_ITEMS = 32;

/** `name(`, and the arguments up to the first that the call fills in. */
export function entryText(call: CallView): string {
  const { name, args } = call.record;
  const first = args.findIndex(([, kind]) => isFilled(kind));
  return `${name}(${argsBetween(call, 0, first < 0 ? args.length : first)}${first > 0 ? ', ' : ''}`;
}

/** What follows: the remaining arguments, and `)`. */
export function exitText(call: CallView): string {
  const { args } = call.record;
  const first = args.findIndex(([, kind]) => isFilled(kind));
  return `${first < 0 ? '' : argsBetween(call, first, args.length)})`;
}

/** `= 0`, `= 0x7ffff7ffe000`, `= -1 EBADF (Bad file descriptor)`, `= ?`. */
export function resultText(
  record: Pick<Syscall, 'result' | 'resultNote'>,
  result: bigint | undefined,
  error: Errno | undefined,
  args: ArgValues = {},
): string {
  if (error !== undefined) return `= ${error.number >= 512 ? '?' : '-1'} ${error.name} (${error.text})`;
  if (result === undefined) return '= ?';
  const note = record.resultNote?.(args, result);
  if (note !== undefined) return `= ${note}`;
  return `= ${record.result === 'address' ? pointer(result) : result}`.replace('NULL', '0');
}

/** Puts the result behind a call, at the column where strace(1) has it. `call` is the line so far, with any `[pid N]`. */
export const joinResult = (call: string, result: string): string => `${`${call} `.padEnd(RESULT_COLUMN)}${result}`;

/** A whole call in one line. */
export const callText = (call: CallView, error: Errno | undefined): string =>
  joinResult(entryText(call) + exitText(call), resultText(call.record, call.result, error, call.args));

/** `syscall_0x270f(0x1, ...)`: a number that Linux does not know, with all six registers; or the name of one that it does. */
export function unknownCallText(number: number, name: string | undefined, registers: readonly bigint[]): string {
  const text = registers.map((value) => (value === 0n ? '0' : hex(value))).join(', ');
  return `${name ?? `syscall_${hex(number)}`}(${text})`;
}

/** `execve("./demo", ["./demo"], 0x7ffe... /* 1 var *\/) = 0`. */
export function execText(path: string, args: readonly string[], envp: bigint, envCount: number): string {
  const list = args.slice(0, LIST_ITEMS).map((arg) => quoted(encoder.encode(arg)));
  if (args.length > LIST_ITEMS) list.push('...');
  const vars = `/* ${envCount} var${envCount === 1 ? '' : 's'} */`;
  return joinResult(
    `execve(${quoted(encoder.encode(path), Infinity)}, [${list.join(', ')}], ${hex(envp)} ${vars})`,
    '= 0',
  );
}
const encoder = new TextEncoder();

/** `--- SIGSEGV {si_signo=SIGSEGV, si_code=SEGV_MAPERR, si_addr=NULL} ---`. */
export function signalText(info: SignalInfo): string {
  const name = signalName(info.signal);
  const fields = [`si_signo=${name}`, `si_code=${signalCodeName(info.signal, info.code)}`];
  if (info.pid !== undefined) fields.push(`si_pid=${info.pid}`, `si_uid=${info.uid}`);
  if (info.status !== undefined) {
    const status = signalCodeName(info.signal, info.code) === 'CLD_EXITED' ? info.status : signalName(info.status);
    fields.push(`si_status=${status}`, `si_utime=${ticks(info.utime ?? 0)}`, 'si_stime=0');
  }
  if (info.address !== undefined) fields.push(`si_addr=${pointer(info.address)}`);
  return `--- ${name} {${fields.join(', ')}} ---`;
}

const ticks = (count: number): string => (count === 0 ? '0' : `${count} /* ${(count / 100).toFixed(2).replace(/0$/, '')} s */`); // biome-ignore format: one line

/** `+++ exited with 1 +++`, `+++ killed by SIGSEGV +++`. */
export const endingText = (ending: Ending): string =>
  ending.kind === 'exited' ? `+++ exited with ${ending.status} +++` : `+++ killed by ${signalName(ending.signal)} +++`;

function argsBetween(call: CallView, from: number, to: number): string {
  const { record, args } = call;
  if (record.argsText !== undefined) return record.argsText(args);
  const texts: string[] = [];
  for (let i = from; i < to; i++) {
    const [name, kind] = record.args[i];
    const following = record.args[i + 1];
    const next = following === undefined ? 0n : BigInt(args[following[0]]);
    const print = PRINTERS[kind] as (value: bigint | number, call: CallView, next: bigint) => string;
    texts.push(print(args[name], call, next));
  }
  return texts.join(', ');
}

type Printers = {
  readonly [Kind in ArgKind]: (value: ArgTypes[Kind], call: CallView, next: bigint) => string;
};

const pointer = (address: bigint): string => (address === 0n ? 'NULL' : hex(address));
const decimal = (value: bigint | number): string => String(value);
export const zeroOrHex = (value: bigint): string => (value === 0n ? '0' : hex(value));
const failed = ({ result }: CallView): boolean => result === undefined || result < 0n;

/** What the call stored at an address, or the address when it stored nothing. */
function filled(address: bigint, call: CallView, length: number, print: (bytes: Uint8Array) => string): string {
  const bytes = address === 0n || failed(call) ? undefined : call.peek(address, length);
  return bytes === undefined ? pointer(address) : print(bytes);
}

const PRINTERS: Printers = {
  addr: pointer,
  word: zeroOrHex,
  size: decimal,
  int: decimal,
  fd: decimal,
  pid: decimal,
  signal: signalName,
  prot: (prot) => (prot === 0 ? 'PROT_NONE' : flagsText(prot, PROT_NAMES, 'PROT_???')),
  mapFlags(flags) {
    const type = flags & MAP_TYPE;
    const rest = flagParts((flags & ~MAP_TYPE) >>> 0, MAP_FLAG_NAMES);
    return [MAP_TYPE_NAMES[type] ?? `${hex(type)} /* MAP_??? */`, ...rest].join('|');
  },
  offset: zeroOrHex,
  waitOptions: (options) => flagsText(options, WAIT_OPTION_NAMES, 'W???'),
  usageWho: (who) => RUSAGE_NAMES[who] ?? `${hex(who >>> 0)} /* RUSAGE_??? */`,
  cloneFlags: zeroOrHex,
  clock: (clock) => CLOCK_NAMES[clock] ?? `${hex(clock >>> 0)} /* CLOCK_??? */`,
  timerFlags: (flags) => flagsText(flags >>> 0, { TIMER_ABSTIME: 1 }, 'TIMER_???'),
  archCode: (code) => ARCH_NAMES[code] ?? `${hex(code)} /* ARCH_??? */`,
  ioctlRequest: (request) => IOCTL_NAMES[request] ?? hex(request),
  randomFlags: (flags) => flagsText(flags, { GRND_NONBLOCK: 1, GRND_RANDOM: 2, GRND_INSECURE: 4 }, 'GRND_???'),
  inBytes: (address, call, count) => bytesText(address, call, count, false),
  outBytes: (address, call) => (failed(call) ? pointer(address) : bytesText(address, call, call.result!, false)),
  outRandom: (address, call) => (failed(call) ? pointer(address) : bytesText(address, call, call.result!, true)),
  inIovec: (address, call, count) => iovecText(address, call, count, undefined),
  outIovec: (address, call, count) => (failed(call) ? pointer(address) : iovecText(address, call, count, call.result)),
  inTimespec(address, { peek }) {
    const bytes = address === 0n ? undefined : peek(address, 16);
    return bytes === undefined ? pointer(address) : timespecText(bytes);
  },
  outTimespec: (address, call) => filled(address, call, 16, timespecText),
  outRemainder: pointer,
  outTimeval: (address, call) => filled(address, call, 16, timevalText),
  outTime: (address, call) => filled(address, call, 8, (bytes) => `[${viewOf(bytes).getBigInt64(0, true)}]`),
  outWaitStatus: (address, call) =>
    call.result === 0n
      ? pointer(address)
      : filled(address, call, 4, (b) => `[${statusText(viewOf(b).getUint32(0, true))}]`),
  outRusage: (address, call) => filled(address, call, RUSAGE_BYTES, rusageText),
  outWaitRusage: (address, call) =>
    call.result === 0n ? pointer(address) : filled(address, call, RUSAGE_BYTES, rusageText),
  outUtsname: (address, call) => filled(address, call, UTSNAME_BYTES, utsnameText),
  hexInt: (value) => (value === 0 ? '0' : hex(value)),
  outFds: (address, call) =>
    filled(address, call, 8, (b) => `[${viewOf(b).getInt32(0, true)}, ${viewOf(b).getInt32(4, true)}]`),
  openFlags: (flags) => flagsText(flags, OPEN_FLAG_NAMES, 'O_???'),
  signedOffset: (offset) => String(s64(offset)),
  whence: (whence) => SEEK_NAMES[whence] ?? `${hex(whence)} /* SEEK_??? */`,
  dirFd: (fd) => (fd === AT_FDCWD ? 'AT_FDCWD' : String(fd)),
  atFlags: (flags) => flagsText(flags, AT_FLAG_NAMES, 'AT_???'),
  inPath: pathText,
  outStat: (address, call) => filled(address, call, STAT_BYTES, statText),
  resource: (resource) => RLIMIT_NAMES[resource] ?? `${hex(resource)} /* RLIMIT_??? */`,
  inRlimit(address, { peek }) {
    const bytes = address === 0n ? undefined : peek(address, RLIMIT_BYTES);
    return bytes === undefined ? pointer(address) : rlimitText(bytes);
  },
  outRlimit: (address, call) => filled(address, call, RLIMIT_BYTES, rlimitText),
  size32: decimal,
  inCpuSet(address, { args, peek }) {
    const bytes = address === 0n ? undefined : peek(address, Math.min(Number(args.size), 128));
    return bytes === undefined ? pointer(address) : cpuSetText(bytes);
  },
  outCpuSet: (address, call) => filled(address, call, Number(call.result ?? 0n), cpuSetText),
  maskChange: (how) => MASK_CHANGE_NAMES[how] ?? `${hex(how >>> 0)} /* SIG_??? */`,
  // Its size is another argument of the call; of a set of another size only the address is printed.
  inSigset(address, { args, peek }) {
    const isWhole = address !== 0n && args.size === BigInt(SIGSET_BYTES);
    const bytes = isWhole ? peek(address, SIGSET_BYTES) : undefined;
    return bytes === undefined ? pointer(address) : sigsetText(bytes);
  },
  outSigset: (address, call) => filled(address, call, SIGSET_BYTES, sigsetText),
  outSysinfo: (address, call) => filled(address, call, SYSINFO_BYTES, sysinfoText),
};

const FILLED: ReadonlySet<ArgKind> = new Set<ArgKind>(
  Object.keys(PRINTERS).filter((kind) => kind.startsWith('out')) as ArgKind[],
);
const isFilled = (kind: ArgKind): boolean => FILLED.has(kind);

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** Names of the set flags, then what has no name. */
export function flagParts(value: number, names: Readonly<Record<string, number>>): string[] {
  const parts: string[] = [];
  let rest = value >>> 0;
  for (const [name, mask] of Object.entries(names)) {
    if ((rest & mask) >>> 0 !== mask >>> 0) continue;
    parts.push(name);
    rest = (rest & ~mask) >>> 0;
  }
  if (rest !== 0) parts.push(hex(rest));
  return parts;
}

export function flagsText(value: number, names: Readonly<Record<string, number>>, unknown: string): string {
  if (value === 0) return '0';
  const parts = flagParts(value, names);
  return parts.length === 1 && parts[0].startsWith('0x') ? `${parts[0]} /* ${unknown} */` : parts.join('|');
}

function bytesText(address: bigint, { peek }: CallView, count: bigint, forceHex: boolean): string {
  if (address === 0n) return 'NULL';
  if (count === 0n) return '""';
  // Only what will be shown, and one byte more for "...".
  const shown = Number(count > BigInt(STRING_BYTES + 1) ? BigInt(STRING_BYTES + 1) : count);
  const bytes = peek(address, shown);
  if (bytes === undefined) return pointer(address);
  return quoted(bytes, STRING_BYTES, forceHex);
}

const ESCAPES: Readonly<Record<number, string>> = {
  9: '\\t', 10: '\\n', 11: '\\v', 12: '\\f', 13: '\\r', 34: '\\"', 92: '\\\\',
}; // biome-ignore format: a table

/** In quotes, escaped, cut after `most` bytes. An octal escape is as short as the next byte allows. */
export function quoted(bytes: Uint8Array, most: number = STRING_BYTES, forceHex = false): string {
  const shown = bytes.subarray(0, most);
  let text = '';
  for (const [i, byte] of shown.entries()) {
    const next = shown[i + 1];
    if (forceHex) text += `\\x${byte.toString(16).padStart(2, '0')}`;
    else if (ESCAPES[byte] !== undefined) text += ESCAPES[byte];
    else if (byte >= 32 && byte < 127) text += String.fromCharCode(byte);
    else text += `\\${byte.toString(8).padStart(next >= 48 && next <= 55 ? 3 : 1, '0')}`;
  }
  return `"${text}"${bytes.length > most ? '...' : ''}`;
}

/** `limit`: bytes that a read has filled, over all pieces. */
function iovecText(address: bigint, call: CallView, count: bigint, limit: bigint | undefined): string {
  if (address === 0n) return 'NULL';
  if (count === 0n) return '[]';
  if (count > 0xffff_ffffn) return pointer(address);
  const bytes = call.peek(address, Math.min(Number(count), LIST_ITEMS) * IOVEC_BYTES);
  if (bytes === undefined) return pointer(address);
  const items: string[] = [];
  let left = limit;
  for (let at = 0; at < bytes.length; at += IOVEC_BYTES) {
    const base = viewOf(bytes).getBigUint64(at, true);
    const length = viewOf(bytes).getBigUint64(at + 8, true);
    const shown = left === undefined || left > length ? length : left;
    if (left !== undefined) left -= shown;
    items.push(`{iov_base=${bytesText(base, call, shown, false)}, iov_len=${length}}`);
  }
  if (count > BigInt(LIST_ITEMS)) items.push('...');
  return `[${items.join(', ')}]`;
}

/** A path as far as it can be read, in full. */
function pathText(address: bigint, { peek }: CallView): string {
  if (address === 0n) return 'NULL';
  const all: number[] = [];
  while (all.length < PATH_MAX) {
    const at = address + BigInt(all.length);
    const bytes = peek(at, PAGE_SIZE - Number(at % BigInt(PAGE_SIZE)));
    if (bytes === undefined) return pointer(address);
    const end = bytes.indexOf(0);
    all.push(...(end < 0 ? bytes : bytes.subarray(0, end)));
    if (end >= 0) return quoted(Uint8Array.from(all), Infinity);
  }
  return quoted(Uint8Array.from(all), PATH_MAX - 1);
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

const sigsetText = (bytes: Uint8Array): string => signalSetText(viewOf(bytes).getBigUint64(0, true));

function sysinfoText(bytes: Uint8Array): string {
  const u64 = (at: number): bigint => viewOf(bytes).getBigUint64(at, true);
  const loads = [8, 16, 24].map((at) => u64(at)).join(', ');
  const memory = ['totalram', 'freeram', 'sharedram', 'bufferram', 'totalswap', 'freeswap'].map(
    (name, i) => `${name}=${u64(32 + 8 * i)}`,
  );
  const view = viewOf(bytes);
  return `{uptime=${u64(0)}, loads=[${loads}], ${memory.join(', ')}, procs=${view.getUint16(80, true)}, totalhigh=${u64(88)}, freehigh=${u64(96)}, mem_unit=${view.getUint32(104, true)}}`;
}

function timespecText(bytes: Uint8Array): string {
  const { first, second } = readPair(bytes);
  return `{tv_sec=${first}, tv_nsec=${second}}`;
}

function timevalText(bytes: Uint8Array): string {
  const { first, second } = readPair(bytes);
  return `{tv_sec=${first}, tv_usec=${second}}`;
}

const rusageText = (bytes: Uint8Array): string =>
  `{ru_utime=${timevalText(bytes)}, ru_stime=${timevalText(bytes.subarray(16))}, ...}`;

function statusText(status: number): string {
  const signal = status & 0x7f;
  if (signal === 0) return `{WIFEXITED(s) && WEXITSTATUS(s) == ${(status >> 8) & 0xff}}`;
  return `{WIFSIGNALED(s) && WTERMSIG(s) == ${signalName(signal)}}`;
}

function utsnameText(bytes: Uint8Array): string {
  const field = (index: number): string => {
    const start = index * UTSNAME_FIELD_BYTES;
    return quoted(bytes.subarray(start, bytes.indexOf(0, start)), Infinity);
  };
  return `{sysname=${field(0)}, nodename=${field(1)}, ...}`;
}
