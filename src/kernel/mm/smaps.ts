/** /proc/PID/smaps, smaps_rollup and numa_maps, in Linux's exact text: fs/proc/task_mmu.c, mm/mempolicy.c. */
import { MPOL_F_RELATIVE_NODES, MPOL_F_STATIC_NODES } from '../../abi/mempolicy.ts';
import { PAGE_SIZE, vaddrOf } from '../../base/ints.ts';
import type { AddressSpace } from './address-space.ts';
import { describeVma, vmaName } from './describe.ts';
import type { MemoryPolicy } from './policy.ts';
import { type AreaUsage, areaUsage, forEachPage, NO_USAGE, spaceUsage } from './usage.ts';
import { vmFlagsText } from './vm-flags.ts';
import type { Vma } from './vma.ts';

const LABEL_COLUMNS = 16;
const NAME_COLUMN = 73;

const line = (label: string, bytes: number): string =>
  `${`${label}:`.padEnd(LABEL_COLUMNS)}${String(Math.floor(bytes / 1024)).padStart(8)} kB\n`;

/** All areas, each with its numbers; every line ends. */
export const describeSmaps = (space: AddressSpace): string =>
  [...space.vmas].map((vma) => describeAreaUsage(space, vma)).join('');

function describeAreaUsage(space: AddressSpace, vma: Vma): string {
  return [
    `${describeVma(space, vma)}\n`,
    line('Size', (vma.end - vma.start) * PAGE_SIZE),
    line('KernelPageSize', PAGE_SIZE),
    line('MMUPageSize', PAGE_SIZE),
    numbers(areaUsage(space, vma), false),
    `${'THPeligible:'.padEnd(LABEL_COLUMNS)}${'0'.padStart(8)}\n`,
    `VmFlags: ${vmFlagsText(vma)}\n`,
  ].join('');
}

/** The sums over all areas. */
export function describeRollup(space: AddressSpace): string {
  const areas = [...space.vmas];
  const hex = (vma: Vma | undefined, end: 'start' | 'end') =>
    (vma === undefined ? 0n : vaddrOf(vma[end])).toString(16).padStart(8, '0');
  const head = `${hex(areas[0], 'start')}-${hex(areas.at(-1), 'end')} ---p 00000000 00:00 0 `;
  const usage = areas.length === 0 ? NO_USAGE : spaceUsage(space);
  return `${head.padEnd(NAME_COLUMN)}[rollup]\n${numbers(usage, true)}`;
}

function numbers(usage: AreaUsage, isRollup: boolean): string {
  const kinds = [line('Pss_Anon', usage.pssAnon), line('Pss_File', usage.pssFile), line('Pss_Shmem', usage.pssShmem)];
  return [
    line('Rss', usage.rss),
    line('Pss', usage.pss),
    line('Pss_Dirty', usage.pssDirty),
    ...(isRollup ? kinds : []),
    line('Shared_Clean', usage.sharedClean),
    line('Shared_Dirty', usage.sharedDirty),
    line('Private_Clean', usage.privateClean),
    line('Private_Dirty', usage.privateDirty),
    line('Referenced', usage.referenced),
    line('Anonymous', usage.anonymous),
    line('KSM', 0),
    line('LazyFree', usage.lazyFree),
    line('AnonHugePages', 0),
    line('ShmemPmdMapped', 0),
    line('FilePmdMapped', 0),
    line('Shared_Hugetlb', 0),
    line('Private_Hugetlb', 0),
    line('Swap', 0),
    line('SwapPss', 0),
    line('Locked', usage.locked),
  ].join('');
}

/** Where the pages of each area are, all on node 0: numa_maps, numa(7). `policy` is that of the task. */
export const describeNumaMaps = (space: AddressSpace, policy: MemoryPolicy | undefined): string =>
  [...space.vmas].map((vma) => describeNodes(space, vma, vma.policy ?? policy)).join('');

function describeNodes(space: AddressSpace, vma: Vma, policy: MemoryPolicy | undefined): string {
  const name = vmaName(space, vma);
  const parts = [vaddrOf(vma.start).toString(16).padStart(8, '0'), policyText(policy)];
  if (name === '[heap]' || name === '[stack]') parts.push(name.slice(1, -1));
  else if (name !== '') parts.push(`file=${name.replace(/[\t= ]/g, octal)}`);
  let pages = 0;
  let anon = 0;
  let dirty = 0;
  let most = 0;
  forEachPage(space, vma, vma, ({ kind, isDirty, mappings }) => {
    pages++;
    if (kind === 'anon') anon++;
    if (isDirty) dirty++;
    most = Math.max(most, mappings);
  });
  if (pages > 0) {
    if (anon > 0) parts.push(`anon=${anon}`);
    if (dirty > 0) parts.push(`dirty=${dirty}`);
    if (pages !== anon && pages !== dirty) parts.push(`mapped=${pages}`);
    if (most > 1) parts.push(`mapmax=${most}`);
    parts.push(`N0=${pages}`, `kernelpagesize_kB=${PAGE_SIZE / 1024}`);
  }
  return `${parts.join(' ')}\n`;
}

const octal = (char: string): string => `\\${char.charCodeAt(0).toString(8).padStart(3, '0')}`;

const POLICY_WORDS = ['default', 'prefer', 'bind', 'interleave', 'local', 'prefer (many)', 'weighted interleave'];

/** `bind=static:0`: `mpol_to_str`. */
function policyText(policy: MemoryPolicy | undefined): string {
  if (policy === undefined) return POLICY_WORDS[0];
  const { mode, flags, nodes } = policy;
  const kind = flags & MPOL_F_STATIC_NODES ? '=static' : flags & MPOL_F_RELATIVE_NODES ? '=relative' : '';
  return `${POLICY_WORDS[mode]}${kind}${nodes === 0n ? '' : ':0'}`;
}
