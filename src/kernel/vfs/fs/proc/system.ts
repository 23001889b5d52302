/** Files of /proc about the machine as a whole: proc_meminfo(5), proc_cpuinfo(5), proc_stat(5) and their neighbours. */
import { PAGE_SIZE } from '../../../../base/ints.ts';
import { cpuid } from '../../../../cpu/cpuid.ts';
import { EPOCH } from '../../../epoch.ts';
import type { Kernel } from '../../../kernel.ts';
import type { AddressSpace } from '../../../mm/address-space.ts';
import { forEachPage } from '../../../mm/usage.ts';
import type { FileLocks } from '../../file-locks.ts';
import type { OpenFile } from '../../open-file.ts';
import { RamFs } from '../ramfs.ts';
import { lockLine } from './process.ts';

export const OS_TYPE = 'Linux';
export const OS_RELEASE = '6.1.0-pml4';
export const OS_VERSION = '#1 SMP';

export const describeVersion = (): string => `${OS_TYPE} version ${OS_RELEASE} (pml4@pml4) (modeled) ${OS_VERSION}\n`;

/** The address spaces that are in use, each once. */
const spacesOf = (kernel: Kernel): Set<AddressSpace> =>
  new Set(kernel.processes().flatMap(({ threads }) => threads.flatMap((task) => (task.hasMemory() ? [task.mm] : []))));

export function describeMemory(kernel: Kernel): string {
  const { frames } = kernel;
  const anonymous = new Set<number>();
  const mapped = new Set<number>();
  let tables = 0;
  for (const space of spacesOf(kernel)) {
    tables += space.pageTable.tableFrames();
    for (const vma of space.vmas)
      forEachPage(space, vma, vma, ({ pfn, kind }) => (kind === 'anon' ? anonymous : mapped).add(pfn));
  }
  const cached = kernel.vfs.mounts.reduce((pages, { fs }) => pages + (fs instanceof RamFs ? fs.residentPages() : 0), 0);
  const free = frames.limit - frames.inUse();
  const line = (name: string, pages: number): string =>
    `${`${name}:`.padEnd(15)} ${String((pages * PAGE_SIZE) / 1024).padStart(8)} kB\n`;
  const zero = (name: string): string => line(name, 0);
  return [
    line('MemTotal', frames.limit),
    line('MemFree', free),
    line('MemAvailable', free),
    zero('Buffers'),
    line('Cached', cached),
    zero('SwapCached'),
    line('Active', anonymous.size),
    line('Inactive', cached),
    line('Active(anon)', anonymous.size),
    line('Inactive(anon)', cached),
    zero('Active(file)'),
    zero('Inactive(file)'),
    zero('Unevictable'),
    zero('Mlocked'),
    zero('SwapTotal'),
    zero('SwapFree'),
    zero('Zswap'),
    zero('Zswapped'),
    zero('Dirty'),
    zero('Writeback'),
    line('AnonPages', anonymous.size),
    line('Mapped', mapped.size),
    line('Shmem', cached),
    zero('KReclaimable'),
    zero('Slab'),
    zero('SReclaimable'),
    zero('SUnreclaim'),
    zero('KernelStack'),
    line('PageTables', tables),
    zero('SecPageTables'),
    zero('NFS_Unstable'),
    zero('Bounce'),
    zero('WritebackTmp'),
    line('CommitLimit', Math.floor(frames.limit / 2)),
    line('Committed_AS', anonymous.size),
    'VmallocTotal:   34359738367 kB\n',
    zero('VmallocUsed'),
    zero('VmallocChunk'),
    zero('Percpu'),
    zero('AnonHugePages'),
    zero('ShmemHugePages'),
    zero('ShmemPmdMapped'),
    zero('FileHugePages'),
    zero('FilePmdMapped'),
    'HugePages_Total:       0\nHugePages_Free:        0\nHugePages_Rsvd:        0\nHugePages_Surp:        0\n',
    'Hugepagesize:       2048 kB\nHugetlb:               0 kB\n',
    zero('DirectMap4k'),
    line('DirectMap2M', frames.limit),
  ].join('');
}

/** Names of CPUID's bits as the kernel has them, in its order: arch/x86/include/asm/cpufeatures.h. */
const FEATURES: readonly (readonly [leaf: number, register: 'eax' | 'ebx' | 'ecx' | 'edx', names: string])[] = [
  [1, 'edx', 'fpu vme de pse tsc msr pae mce cx8 apic - sep mtrr pge mca cmov pat pse36 pn clflush - dts acpi mmx fxsr sse sse2 ss ht tm ia64 pbe'], // biome-ignore format: one line
  [0x8000_0001, 'edx', '- - - - - - - - - - - syscall - - - - - - - mp nx - mmxext - - fxsr_opt pdpe1gb rdtscp - lm 3dnowext 3dnow'], // biome-ignore format: one line
  [1, 'ecx', 'pni pclmulqdq dtes64 monitor ds_cpl vmx smx est tm2 ssse3 cid sdbg fma cx16 xtpr pdcm - pcid dca sse4_1 sse4_2 x2apic movbe popcnt tsc_deadline_timer aes xsave - avx f16c rdrand hypervisor'], // biome-ignore format: one line
  [0x8000_0001, 'ecx', 'lahf_lm cmp_legacy svm extapic cr8_legacy abm sse4a misalignsse 3dnowprefetch osvw'],
  [7, 'ebx', 'fsgsbase tsc_adjust sgx bmi1 hle avx2 - smep bmi2 erms invpcid rtm cqm - mpx rdt_a avx512f avx512dq rdseed adx smap avx512ifma - clflushopt clwb intel_pt avx512pf avx512er avx512cd sha_ni avx512bw avx512vl'], // biome-ignore format: one line
  [7, 'ecx', '- avx512vbmi umip pku ospke waitpkg avx512_vbmi2 - gfni vaes vpclmulqdq avx512_vnni avx512_bitalg tme avx512_vpopcntdq - la57 - - - - - rdpid - bus_lock_detect cldemote - movdiri movdir64b'], // biome-ignore format: one line
];
/** What the kernel finds out by itself, between the second word and the third. */
const OWN_FEATURES = 'constant_tsc rep_good nopl cpuid';
/** Instructions of a virtual second, one a nanosecond. */
const MHZ = '1000.000';

export function describeCpu(kernel: Kernel): string {
  const { level } = kernel.cpu;
  const words = FEATURES.map(([leaf, register, names]) => {
    const bits = cpuid(leaf, 0, level)[register];
    return names.split(' ').filter((name, bit) => name !== '-' && (bits >>> bit) & 1);
  });
  const flags = [...words[0], ...words[1], ...OWN_FEATURES.split(' '), ...words.slice(2).flat()].join(' ');
  const { eax: signature } = cpuid(1, 0, level);
  const model = ((signature >>> 4) & 0xf) | ((signature >>> 12) & 0xf0);
  const brand = [0x8000_0002, 0x8000_0003, 0x8000_0004].map((leaf) => textOf(cpuid(leaf, 0, level), ['eax', 'ebx', 'ecx', 'edx'])); // biome-ignore format: one line
  const vendor = textOf(cpuid(0, 0, level), ['ebx', 'edx', 'ecx']);
  const extended = cpuid(0x8000_0008, 0, level).eax;
  const rows: readonly (readonly [string, string | number])[] = [
    ['processor\t', 0], ['vendor_id\t', vendor], ['cpu family\t', (signature >>> 8) & 0xf], ['model\t\t', model],
    ['model name\t', brand.join('')], ['stepping\t', signature & 0xf], ['cpu MHz\t\t', MHZ], ['cache size\t', '8192 KB'],
    ['physical id\t', 0], ['siblings\t', 1], ['core id\t\t', 0], ['cpu cores\t', 1], ['apicid\t\t', 0], ['initial apicid\t', 0],
    ['fpu\t\t', 'yes'], ['fpu_exception\t', 'yes'], ['cpuid level\t', cpuid(0, 0, level).eax], ['wp\t\t', 'yes'],
    ['flags\t\t', flags], ['bugs\t\t', ''], ['bogomips\t', '2000.00'], ['clflush size\t', 64], ['cache_alignment\t', 64],
    ['address sizes\t', `${extended & 0xff} bits physical, ${(extended >>> 8) & 0xff} bits virtual`],
  ]; // biome-ignore format: a table
  return `${rows.map(([name, value]) => `${name}: ${value}\n`).join('')}power management:\n\n`;
}

function textOf(leaf: ReturnType<typeof cpuid>, registers: readonly ('eax' | 'ebx' | 'ecx' | 'edx')[]): string {
  const bytes = new Uint8Array(Uint32Array.from(registers.map((register) => leaf[register])).buffer);
  return new TextDecoder('latin1').decode(bytes).replace(/\0.*$/s, '');
}

const seconds = (nanoseconds: number): string => (Math.floor(nanoseconds / 10_000_000) / 100).toFixed(2);
const ticks = (nanoseconds: number): number => Math.floor(nanoseconds / 10_000_000);

/** Since the start, and how much of it nothing ran. */
export const describeUptime = (kernel: Kernel): string =>
  `${seconds(kernel.now())} ${seconds(kernel.now() - kernel.cpu.retired)}\n`;

/** Averages are not kept; then who runs, of how many, and the last number given. */
export function describeLoad(kernel: Kernel): string {
  const tasks = kernel.processes().flatMap(({ threads }) => threads);
  const running = tasks.filter(({ state }) => state === 'ready').length;
  const last = tasks.reduce((most, { tid }) => Math.max(most, tid), 0);
  return `0.00 0.00 0.00 ${running}/${tasks.length} ${last}\n`;
}

export function describeStatistics(kernel: Kernel): string {
  const busy = ticks(kernel.cpu.retired);
  const cpu = `${busy} 0 0 ${ticks(kernel.now()) - busy} 0 0 0 0 0 0`;
  const switches = kernel.allProcesses.reduce((sum, { usage }) => sum + usage.voluntarySwitches + usage.involuntarySwitches, 0); // biome-ignore format: one line
  const tasks = kernel.processes().flatMap(({ threads }) => threads);
  const running = tasks.filter(({ state }) => state === 'ready').length;
  return `cpu  ${cpu}\ncpu0 ${cpu}\nintr 0\nctxt ${switches}\nbtime ${EPOCH}\nprocesses ${kernel.allProcesses.length}\nprocs_running ${running}\nprocs_blocked 0\nsoftirq 0 0 0 0 0 0 0 0 0 0 0\n`;
}

/** Those that are mounted or could be, with what needs no device. */
export function describeFileSystems(): string {
  const nodev = ['sysfs', 'tmpfs', 'proc', 'devtmpfs', 'sockfs', 'pipefs', 'devpts'];
  return nodev.map((name) => `nodev\t${name}\n`).join('');
}

export const describeDevices = (): string =>
  'Character devices:\n  1 mem\n  5 /dev/tty\n  5 /dev/ptmx\n128 ptm\n136 pts\n\nBlock devices:\n';

export function describePages(kernel: Kernel): string {
  const faults = kernel.allProcesses.reduce((sum, { usage }) => sum + usage.minorFaults, 0);
  const { frames } = kernel;
  return `nr_free_pages ${frames.limit - frames.inUse()}\npgalloc_normal ${frames.allocations()}\npgfault ${faults}\npgmajfault 0\n`;
}

/** Locks of files that somebody has open. */
export function describeLocks(kernel: Kernel): string {
  const seen = new Set<FileLocks>();
  const lines: string[] = [];
  const list = (file: OpenFile): void => {
    const locks = file.dentry?.inode.locks;
    if (locks === undefined || seen.has(locks)) return;
    seen.add(locks);
    for (const lock of locks.describe()) lines.push(lockLine(lines.length + 1, lock, file));
  };
  for (const { threads } of kernel.processes())
    for (const { files } of threads) for (const fd of files.numbers()) list(files.findRaw(fd)!);
  return lines.join('');
}

/** /proc/net/dev, whose only interface is the loopback. */
export const describeInterfaces = (): string =>
  [
    'Inter-|   Receive                                                |  Transmit\n',
    ' face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed\n',
    '    lo:       0       0    0    0    0     0          0         0        0       0    0    0    0     0       0          0\n',
  ].join('');
