/** Texts of the picture that several of its parts share: counts, ranges, kinds, and what an access to an address would do. */
import type { AreaModel, FrameModel, ProcessModel, SpaceModel, WalkModel } from '../../protocol.ts';

export const counted = (count: number, one: string): string =>
  `${count.toLocaleString('en')} ${one}${count === 1 ? '' : 's'}`;

export const clip = (text: string, most: number): string =>
  text.length <= most ? text : `${text.slice(0, Math.max(1, most - 1))}…`;

/** The end matters more than the start: a path's file name. */
export const clipStart = (text: string, most: number): string =>
  text.length <= most ? text : `…${text.slice(text.length - most + 1)}`;

export const byteText = (byte: number): string => byte.toString(16).padStart(2, '0');
export const charText = (byte: number): string => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '·');

/** Everybody who maps a frame, each once. */
export const pidsOf = ({ mappings }: FrameModel): number[] => [...new Set(mappings.flatMap(({ pids }) => pids))];

/** `2 mappings: 100, 101`. */
export function describeMappings(frame: FrameModel, most = 6): string {
  const pids = pidsOf(frame);
  const listed = pids.slice(0, most).join(', ') + (pids.length > most ? ', …' : '');
  return `${counted(frame.mappings.length, 'mapping')}${pids.length === 0 ? '' : `: ${listed}`}`;
}

/** What holds references besides entries. */
export function describeReferences({ references, mappings, holders }: FrameModel): string {
  const rest = references - mappings.length;
  if (rest <= 0) return counted(references, 'reference');
  return `${counted(references, 'reference')}, ${rest} by ${holders.length > 0 ? 'the page cache' : 'the kernel'}`;
}

export const rangeOf = ({ start, end }: AreaModel): string => `${start.toString(16)}–${end.toString(16)}`;

export const hasEnded = ({ state }: ProcessModel): boolean => state === 'zombie' || state === 'gone';

/** Where the walk of an address ends, and what would happen then: short lines. */
export function describeEnd(walk: WalkModel, space: SpaceModel): string[] {
  if (!walk.isCanonical) return ['not canonical: #GP, no walk'];
  const last = walk.steps.at(-1);
  const { address } = walk;
  const area = space.areas.find(({ start, end }) => start <= address && address < end);
  const where = `no present ${last?.level ?? 'PML4'} entry: #PF`;
  if (area === undefined) {
    const above = space.areas.find(({ start }) => start > address);
    return [where, 'no area here: SIGSEGV', ...(above?.title === '[stack]' ? ['unless the stack grows to it'] : [])];
  }
  return [where, ...firstTouch(area)];
}

function firstTouch({ rights, backing }: AreaModel): string[] {
  const [canRead, canWrite, isShared] = [/[rx]/.test(rights), rights.includes('w'), rights.endsWith('s')];
  if (!canRead && !canWrite) return ['any access: SIGSEGV (PROT_NONE)'];
  if (isShared) return [backing === 'file' ? "touch: the page cache's frame" : 'touch: the frame all share'];
  const isFile = backing !== 'private anonymous';
  return [
    isFile ? "read: the page cache's frame" : 'read: the zero frame, COW',
    canWrite ? (isFile ? 'write: a private copy' : 'write: demand zero') : 'write: SIGSEGV',
  ];
}
