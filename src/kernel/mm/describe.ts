/** An address space as text, in the format of /proc/PID/maps: proc_pid_maps(5). */
import { PROT_EXEC, PROT_READ, PROT_WRITE } from '../../abi/mman.ts';
import { PAGE_SIZE, vaddrOf, vpnOf } from '../../base/ints.ts';
import type { AddressSpace } from './address-space.ts';
import { PageCache } from './page-cache.ts';
import type { Vma } from './vma.ts';

/** Column at which names start. */
const NAME_COLUMN = 73;

export function describeMaps(space: AddressSpace): string {
  return [...space.vmas].map((vma) => describeVma(space, vma)).join('\n');
}

export function describeVma(space: AddressSpace, vma: Vma): string {
  const address = (vpn: Vma['start']) => vaddrOf(vpn).toString(16).padStart(8, '0');
  const isFile = vma.backing !== undefined;
  const offset = ((isFile ? vma.offset : 0) * PAGE_SIZE).toString(16).padStart(8, '0');
  const where = isFile ? (vma.backing instanceof PageCache ? '00:10 1' : '00:01 1') : '00:00 0';
  const line = `${address(vma.start)}-${address(vma.end)} ${rights(vma)} ${offset} ${where} `;
  const name = vmaName(space, vma);
  return name === '' ? line : line.padEnd(NAME_COLUMN) + name;
}

/** `rw-p`, `r-xp`, `rw-s`. */
export const rights = ({ prot, shared }: Pick<Vma, 'prot' | 'shared'>): string =>
  `${prot & PROT_READ ? 'r' : '-'}${prot & PROT_WRITE ? 'w' : '-'}${prot & PROT_EXEC ? 'x' : '-'}${shared ? 's' : 'p'}`;

/** The backing's name, `[heap]`, `[stack]`, or nothing. */
export function vmaName(space: AddressSpace, vma: Vma): string {
  if (vma.backing !== undefined) return vma.backing.name;
  const stack = vpnOf(space.stackStart);
  if (vma.start <= stack && stack < vma.end) return '[stack]';
  const isHeap = space.brk > space.brkStart && vaddrOf(vma.start) < space.brk && vaddrOf(vma.end) > space.brkStart;
  return isHeap ? '[heap]' : '';
}
