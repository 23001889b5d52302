/** An address space as text, in the format of /proc/PID/maps: proc_pid_maps(5), fs/proc/task_mmu.c (`show_map_vma`). */
import { PROT_EXEC, PROT_READ, PROT_WRITE } from '../../abi/mman.ts';
import { deviceMajor, deviceMinor } from '../../abi/stat.ts';
import { PAGE, vaddrOf, vpnOf } from '../../base/ints.ts';
import type { AddressSpace } from './address-space.ts';
import type { Vma } from './vma.ts';

/** Column at which names start. */
const NAME_COLUMN = 73;

export function describeMaps(space: AddressSpace): string {
  return [...space.vmas].map((vma) => describeVma(space, vma)).join('\n');
}

/** One line, without its end. `name` for another name than the area's own. */
export function describeVma(space: AddressSpace, vma: Vma, name: string = vmaName(space, vma)): string {
  const address = (vpn: Vma['start']) => vaddrOf(vpn).toString(16).padStart(8, '0');
  const { device, inode, offset } = vmaPlace(vma);
  const hex2 = (part: number) => part.toString(16).padStart(2, '0');
  const dev = `${hex2(deviceMajor(device))}:${hex2(deviceMinor(device))}`;
  const at = offset.toString(16).padStart(8, '0');
  const line = `${address(vma.start)}-${address(vma.end)} ${rights(vma)} ${at} ${dev} ${inode} `;
  return name === '' ? line : line.padEnd(NAME_COLUMN) + name;
}

/** The file's device and inode number, and the offset of the first byte: zeros without a file. */
export function vmaPlace({ file, backing, offset }: Vma): { device: number; inode: number; offset: bigint } {
  if (file === undefined && backing === undefined) return { device: 0, inode: 0, offset: 0n };
  const bytes = BigInt(offset) * PAGE;
  if (file !== undefined) {
    const { device, inode } = file.stat();
    return { device, inode, offset: bytes };
  }
  return { device: backing!.device, inode: backing!.inode, offset: bytes };
}

/** `rw-p`, `r-xp`, `rw-s`. */
export const rights = ({ prot, shared }: Pick<Vma, 'prot' | 'shared'>): string =>
  `${prot & PROT_READ ? 'r' : '-'}${prot & PROT_WRITE ? 'w' : '-'}${prot & PROT_EXEC ? 'x' : '-'}${shared ? 's' : 'p'}`;

/** The file's path, `[heap]`, `[stack]`, or nothing. */
export function vmaName(space: AddressSpace, { file, backing, start, end }: Vma): string {
  if (file !== undefined) {
    const place = file.place();
    return escaped(typeof place === 'string' ? place : place.path());
  }
  if (backing !== undefined) return escaped(backing.name);
  if (space.brk > space.brkStart && vaddrOf(start) < space.brk && vaddrOf(end) > space.brkStart) return '[heap]';
  const stack = vpnOf(space.stackStart);
  return start <= stack && stack < end ? '[stack]' : '';
}

/** A line is a line whatever the file is called: `seq_path`. */
const escaped = (name: string): string => name.replaceAll('\n', '\\012');
