/** Words and shapes of page events: titles, remarks, pictures put together; no machine is looked at here. */
import { BUS_ADRERR, SEGV_ACCERR, SEGV_MAPERR, SIGBUS, SIGSEGV } from '../abi/signal.ts';
import { hex, PAGE_SIZE, type Pfn } from '../base/ints.ts';
import type { FaultEvent } from '../kernel/observer.ts';
import type { FrameCount, Occasion, PagePicture, PageWalk } from './page-events.ts';
import { isSameEntry, type Snapshot } from './page-snapshot.ts';

/** Changes and frames listed one by one; the rest is a count. */
export const MAX_LISTED = 8;
export const TITLES: Readonly<Record<FaultEvent['resolution'], string>> = {
  'zero page': 'first touch, a read: the frame of zeros',
  'demand zero': 'first touch: a new frame of zeros',
  'file page': "first touch: the file's page",
  'file copy': "first touch, a write: a copy of the file's page",
  'shared page': 'first touch: a frame that another mapping has touched',
  copied: 'copy-on-write break: a copy',
  reused: 'copy-on-write break: its last user keeps the frame',
  spurious: 'a fault on an entry that allows the access',
};

export type Refusal = Extract<Occasion, { kind: 'refused' }>['why'];
/** By signal and code: sigaction(2). */
export const REFUSALS: Readonly<Record<number, Readonly<Record<number, Refusal>>>> = {
  [SIGSEGV]: { [SEGV_MAPERR]: 'no area', [SEGV_ACCERR]: 'rights' },
  [SIGBUS]: { [BUS_ADRERR]: 'past the end' },
};
export const REFUSED: Readonly<Record<Refusal, string>> = {
  'no area': 'where no area is',
  rights: "against the area's rights",
  'past the end': 'past the end of the file',
};

/** The picture with what one of its walks was before, if that is not what it is now. */
export function withBefore(picture: PagePicture, pid: number, before: PageWalk['steps']): PagePicture {
  const isOther = ({ steps }: PageWalk): boolean =>
    steps.length !== before.length || steps.some(({ entry }, i) => !isSameEntry(entry, before[i].entry));
  return {
    ...picture,
    walks: picture.walks.map((walked) => (walked.pid === pid && isOther(walked) ? { ...walked, before } : walked)),
  };
}

/** Pictures of neighbouring pages that say the same become one that counts the others. */
export function foldLikes(pictures: readonly PagePicture[]): PagePicture[] {
  const folded: PagePicture[] = [];
  for (const picture of pictures) {
    const previous = folded.at(-1);
    if (previous && previous.walks[0].area === picture.walks[0].area)
      folded[folded.length - 1] = { ...previous, more: previous.more + 1 };
    else folded.push(picture);
  }
  return folded;
}

/** Of frames that a process has mapped, how many others map. */
export const describeKept = (frames: number, kept: number): string => {
  if (frames === 0) return '';
  if (kept === 0) return ', which nobody else maps';
  return kept === frames ? ', which others still map' : `; others still map ${kept} of them`;
};

export const count = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`;

/** `frame 0x0001a000: 2 -> 1 mappings`. */
export function describeFrameCounts(
  frames: readonly Pfn[],
  before: Pick<Snapshot, 'mappings'>,
  after: Snapshot,
): string[] {
  const lines = countsOf(frames, before, after).map(
    (of) => `frame ${hex(of.pfn * PAGE_SIZE, 8)}: ${of.before} -> ${count(of.after, 'mapping')}`,
  );
  return frames.length > MAX_LISTED ? [...lines, `and ${frames.length - MAX_LISTED} more frames`] : lines;
}

export const countsOf = (frames: readonly Pfn[], before: Pick<Snapshot, 'mappings'>, after: Snapshot): FrameCount[] =>
  frames
    .slice(0, MAX_LISTED)
    .map((pfn) => ({ pfn, before: before.mappings.get(pfn) ?? 0, after: after.mappings.get(pfn) ?? 0 }));
