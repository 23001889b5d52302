/** /proc/PID/status, stat, statm, limits and io, in Linux's exact text: fs/proc/array.c, fs/proc/base.c, proc(5). */
import { PROT_EXEC } from '../../../../abi/mman.ts';
import { RLIM_INFINITY } from '../../../../abi/resource.ts';
import { SIG_IGN, SIGCHLD, SIGNAL_MAX, signalBit } from '../../../../abi/signal.ts';
import { NS_PER_SECOND } from '../../../../abi/structs.ts';
import { PAGE_SIZE, vaddrOf } from '../../../../base/ints.ts';
import type { AddressSpace } from '../../../mm/address-space.ts';
import { spaceSizes } from '../../../mm/usage.ts';
import type { Process } from '../../../task/process.ts';
import type { Task } from '../../../task/task.ts';

/** USER_HZ: what times are told in. */
const TICKS_PER_SECOND = 100;
const ticks = (nanoseconds: number): number => Math.floor((nanoseconds * TICKS_PER_SECOND) / NS_PER_SECOND);

/** `R`, `S`, `T`, `Z`, and in words. */
export function stateOf(task: Task): readonly [letter: string, word: string] {
  switch (task.state) {
    case 'ready':
      return ['R', 'running'];
    case 'blocked':
      return ['S', 'sleeping'];
    case 'stopped':
      return ['T', 'stopped'];
    case 'zombie':
      return ['Z', 'zombie'];
    default:
      return ['X', 'dead'];
  }
}

const set = (bits: bigint): string => bits.toString(16).padStart(16, '0');
const signalsWith = ({ actions }: Process, matches: (handler: bigint) => boolean): bigint => {
  let found = 0n;
  for (let signal = 1; signal <= SIGNAL_MAX; signal++)
    if (matches(actions.get(signal).handler)) found |= signalBit(signal);
  return found;
};
const isHandler = (handler: bigint): boolean => handler > SIG_IGN;
const space = (task: Task): AddressSpace | undefined => (task.hasMemory() ? task.mm : undefined);
const kibibytes = (name: string, bytes: number): string => `${name}:\t${String(bytes / 1024).padStart(8)} kB\n`;
/** In a line of its own, what would end it or begin an escape is escaped. */
const escaped = (comm: string): string => comm.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
/** For up to 1024 nodes of memory, of which there is one. */
const NODE_WORDS = 32;

export function describeStatus(task: Task): string {
  const { process, credentials, usage } = task;
  const [letter, word] = stateOf(task);
  const { uid, euid, suid, fsuid, gid, egid, sgid, fsgid, groups, capabilities } = credentials;
  const ids = `Uid:\t${uid}\t${euid}\t${suid}\t${fsuid}\nGid:\t${gid}\t${egid}\t${sgid}\t${fsgid}\n`;
  const mm = space(task);
  const capability = (name: string, bits: bigint): string => `Cap${name}:\t${set(bits)}\n`;
  const nodes = ['00000001', ...new Array(NODE_WORDS - 1).fill('00000000')].reverse().join(',');
  return [
    `Name:\t${escaped(task.comm)}\n`,
    mm === undefined ? '' : `Umask:\t${task.fs.umask.toString(8).padStart(4, '0')}\n`,
    `State:\t${letter} (${word})\n`,
    `Tgid:\t${process.pid}\nNgid:\t0\nPid:\t${task.tid}\nPPid:\t${process.parentPid}\nTracerPid:\t0\n`,
    ids,
    `FDSize:\t${mm === undefined ? 0 : task.files.capacity}\nGroups:\t${groups.map((group) => `${group} `).join('') || ' '}\n`,
    `NStgid:\t${process.pid}\nNSpid:\t${task.tid}\nNSpgid:\t${process.pgid}\nNSsid:\t${process.session.id}\nKthread:\t0\n`,
    mm === undefined ? '' : memoryLines(task, mm),
    mm === undefined ? '' : 'CoreDumping:\t0\nTHP_enabled:\t0\nuntag_mask:\t0xffffffffffffffff\n',
    `Threads:\t${process.liveThreads().length || 1}\n`,
    `SigQ:\t${process.pending.length + task.pending.length}/${process.limits[11].soft}\n`,
    `SigPnd:\t${set(task.pending.set)}\nShdPnd:\t${set(process.pending.set)}\nSigBlk:\t${set(task.blockedSignals)}\n`,
    `SigIgn:\t${set(signalsWith(process, (handler) => handler === SIG_IGN))}\n`,
    `SigCgt:\t${set(signalsWith(process, isHandler))}\n`,
    capability('Inh', capabilities.inheritable),
    capability('Prm', capabilities.permitted),
    capability('Eff', capabilities.effective),
    capability('Bnd', capabilities.bounding),
    capability('Amb', capabilities.ambient),
    'NoNewPrivs:\t0\nSeccomp:\t0\nSeccomp_filters:\t0\n',
    'Speculation_Store_Bypass:\tnot vulnerable\nSpeculationIndirectBranch:\talways enabled\n',
    `Cpus_allowed:\t1\nCpus_allowed_list:\t0\nMems_allowed:\t${nodes}\nMems_allowed_list:\t0\n`,
    `voluntary_ctxt_switches:\t${usage.voluntarySwitches}\nnonvoluntary_ctxt_switches:\t${usage.involuntarySwitches}\n`,
  ].join('');
}

function memoryLines(task: Task, mm: AddressSpace): string {
  const sizes = spaceSizes(mm);
  const text = programPages(task, mm) * PAGE_SIZE;
  return [
    kibibytes('VmPeak', sizes.peakSize),
    kibibytes('VmSize', sizes.size),
    kibibytes('VmLck', sizes.locked),
    kibibytes('VmPin', 0),
    kibibytes('VmHWM', Math.max(sizes.peakResident, sizes.resident)),
    kibibytes('VmRSS', sizes.resident),
    kibibytes('RssAnon', sizes.residentAnon),
    kibibytes('RssFile', sizes.residentFile),
    kibibytes('RssShmem', sizes.residentShmem),
    kibibytes('VmData', sizes.data),
    kibibytes('VmStk', sizes.stack),
    kibibytes('VmExe', text),
    kibibytes('VmLib', Math.max(0, sizes.executable - text)),
    kibibytes('VmPTE', sizes.pageTables),
    kibibytes('VmSwap', 0),
    kibibytes('HugetlbPages', 0),
  ].join('');
}

/** Pages of the program's own instructions. */
function programPages(task: Task, mm: AddressSpace): number {
  const { exe } = task.process;
  return [...mm.vmas]
    .filter(({ file, prot }) => prot & PROT_EXEC && file?.dentry !== undefined && file.dentry === exe)
    .reduce((pages, { start, end }) => pages + end - start, 0);
}

/** One line of 52 numbers. `isGroup`: of a process, not of one thread. */
export function describeStat(task: Task, isGroup: boolean): string {
  const { process } = task;
  const [letter] = stateOf(task);
  const mm = space(task);
  const sizes = mm && spaceSizes(mm);
  const own = isGroup ? process.usage : task.usage;
  const waited = process.waitedFor;
  const { foregroundGroup = -1 } = process.session.terminal ?? {};
  const low = (bits: bigint): bigint => bits & 0x7fff_ffffn;
  const places = mm && programPlaces(task, mm);
  const { args, environment } = mm?.arguments ?? {};
  return `${[
    task.tid,
    `(${escaped(task.comm)})`,
    letter,
    process.parentPid,
    process.pgid,
    process.session.id,
    process.session.terminal?.device ?? 0,
    process.session.terminal === undefined ? -1 : foregroundGroup,
    PF_RANDOMIZE,
    own.minorFaults,
    isGroup ? waited.minorFaults : 0,
    own.majorFaults,
    isGroup ? waited.majorFaults : 0,
    ticks(own.instructions),
    0,
    ticks(waited.instructions),
    0,
    20,
    0,
    process.liveThreads().length || 1,
    0,
    ticks(process.startedAt),
    sizes?.size ?? 0,
    (sizes?.resident ?? 0) / PAGE_SIZE,
    process.limits[5].soft,
    places?.codeStart ?? 0,
    places?.codeEnd ?? 0,
    mm?.stackStart ?? 0,
    0,
    0,
    low(task.pending.set | (isGroup ? process.pending.set : 0n)),
    low(task.blockedSignals),
    low(signalsWith(process, (handler) => handler === SIG_IGN)),
    low(signalsWith(process, isHandler)),
    0,
    0,
    0,
    isGroup ? process.exitSignal || SIGCHLD : -1,
    0,
    0,
    0,
    0,
    0,
    0,
    places?.dataStart ?? 0,
    places?.dataEnd ?? 0,
    mm?.brkStart ?? 0,
    args?.start ?? 0,
    args?.end ?? 0,
    environment?.start ?? 0,
    environment?.end ?? 0,
    0,
  ].join(' ')}\n`;
}

/** Every process has it but those of setarch -R; addresses here are only as random as the seed. */
const PF_RANDOMIZE = 0x40_0000;

/** Where the program's instructions and data are, to the page. */
function programPlaces(task: Task, mm: AddressSpace) {
  const { exe } = task.process;
  const own = [...mm.vmas].filter(({ file }) => file?.dentry !== undefined && file.dentry === exe);
  const code = own.filter(({ prot }) => prot & PROT_EXEC);
  const [data] = own.filter(({ prot }) => prot & 2);
  return {
    codeStart: code.length > 0 ? vaddrOf(code[0].start) : 0n,
    codeEnd: code.length > 0 ? vaddrOf(code.at(-1)!.end) : 0n,
    dataStart: data === undefined ? 0n : vaddrOf(data.start),
    dataEnd: data === undefined ? 0n : vaddrOf(data.end),
  };
}

export function describeStatm(task: Task): string {
  const mm = space(task);
  if (mm === undefined) return '0 0 0 0 0 0 0\n';
  const sizes = spaceSizes(mm);
  const pages = (bytes: number): number => bytes / PAGE_SIZE;
  const shared = pages(sizes.residentFile + sizes.residentShmem);
  const text = programPages(task, mm);
  return `${pages(sizes.size)} ${pages(sizes.resident)} ${shared} ${text} 0 ${pages(sizes.data + sizes.stack)} 0\n`;
}

const LIMITS: readonly (readonly [name: string, resource: number, unit: string])[] = [
  ['cpu time', 0, 'seconds'], ['file size', 1, 'bytes'], ['data size', 2, 'bytes'], ['stack size', 3, 'bytes'],
  ['core file size', 4, 'bytes'], ['resident set', 5, 'bytes'], ['processes', 6, 'processes'], ['open files', 7, 'files'],
  ['locked memory', 8, 'bytes'], ['address space', 9, 'bytes'], ['file locks', 10, 'locks'], ['pending signals', 11, 'signals'],
  ['msgqueue size', 12, 'bytes'], ['nice priority', 13, ''], ['realtime priority', 14, ''], ['realtime timeout', 15, 'us'],
]; // biome-ignore format: a table

export function describeLimits({ limits }: Process): string {
  const row = (name: string, soft: string, hard: string, unit: string): string =>
    `${name.padEnd(25)} ${soft.padEnd(20)} ${hard.padEnd(20)} ${unit === '' ? '' : unit.padEnd(10)}\n`;
  const text = (value: bigint): string => (value === RLIM_INFINITY ? 'unlimited' : String(value));
  const lines = LIMITS.map(([name, resource, unit]) =>
    row(`Max ${name}`, text(limits[resource].soft), text(limits[resource].hard), unit),
  );
  return row('Limit', 'Soft Limit', 'Hard Limit', 'Units') + lines.join('');
}

/** What read(2), write(2) and their kin have moved; there is no disk. */
export const describeIo = ({ io }: Process): string =>
  `rchar: ${io.charsRead}\nwchar: ${io.charsWritten}\nsyscr: ${io.reads}\nsyscw: ${io.writes}\nread_bytes: 0\nwrite_bytes: 0\ncancelled_write_bytes: 0\n`;
