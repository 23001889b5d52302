/** Texts of the picture that several of its parts share: counts, ranges, kinds, and what an access to an address would do. */
import type { AreaModel, Foreseen, FrameModel, ProcessModel, WalkModel } from '../../protocol.ts';

export const counted = (count: number, one: string, several: string = `${one}s`): string =>
  `${count.toLocaleString('en')} ${count === 1 ? one : several}`;

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
  if (pids.length === 0) return 'no mapping';
  return `${counted(frame.mappings.length, 'mapping')}: ${listed}`;
}

/** What holds references besides entries. */
export function describeReferences({ references, mappings, holders }: FrameModel): string {
  const rest = references - mappings.length;
  if (rest <= 0) return counted(references, 'reference');
  return `${counted(references, 'reference')}, ${rest} by ${holders.length > 0 ? 'the page cache' : 'the kernel'}`;
}

export const rangeOf = ({ start, end }: AreaModel): string => `${start.toString(16)}–${end.toString(16)}`;

export const hasEnded = ({ state }: ProcessModel): boolean => state === 'zombie' || state === 'gone';

/** What follows from an access that the entries do not allow. */
const OUTCOMES: Readonly<Record<Foreseen, string>> = {
  allowed: 'allowed',
  'demand zero': 'a new frame of zeros',
  'zero page': 'the frame of zeros',
  'file page': "the page cache's frame",
  'shared page': 'the frame that all share',
  'copy-on-write break': 'a private copy',
  'not mapped': 'SIGSEGV',
  forbidden: 'SIGSEGV',
  'past the end': 'SIGBUS',
  'not canonical': '#GP',
};

/** Where a walk that reaches no frame ends, and, if that is to be told, what would happen then: short lines. */
export function describeEnd({ isCanonical, steps, area, foreseen }: WalkModel, tellsFuture: boolean): string[] {
  if (!isCanonical) return ['not canonical: #GP, no walk'];
  const where = `no ${steps.at(-1)?.level ?? 'PML4'} entry is present: #PF`;
  const { read, write } = foreseen;
  if (!tellsFuture) return [where];
  if (area === undefined && read === 'not mapped') return [where, 'and no area: SIGSEGV'];
  return [where, `a read gets ${OUTCOMES[read]}`, `a write gets ${OUTCOMES[write]}`];
}

/** What a write would meet that reaches a frame and is not allowed. */
export function describeWrite({ foreseen: { write } }: WalkModel): string | undefined {
  if (write === 'allowed') return undefined;
  return `a write: #PF, ${write === 'forbidden' ? 'then SIGSEGV' : OUTCOMES[write]}`;
}
