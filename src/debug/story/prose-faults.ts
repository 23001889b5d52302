/** Page faults in words: who touched what, how far the walk got, what the kernel did about it. */
import { PTE_COW, ptePfn } from '../../mem/pte.ts';
import type { Occasion, PageEvent } from '../page-events.ts';
import { entry, inArea, instruction, mappingsOf, nameOf, ownWalk } from './pieces.ts';
import type { PageItem } from './story.ts';
import { address, type Cast, code, frame, type Prose, plural, prose } from './words.ts';

type Of<Kind extends Occasion['kind']> = Extract<Occasion, { kind: Kind }>;

const VERBS = { read: 'reads', write: 'writes to', execute: 'executes code in' } as const;

export function tellFault(occasion: Of<'fault'>, item: PageItem, cast: Cast): Prose[] {
  const { access, by, address: at } = occasion;
  const { event } = item;
  const who = cast.name(event.pid);
  const place = prose`${address(at)}${inArea(event)}`;
  const what =
    by === 'kernel'
      ? prose`for a system call of ${who} the kernel ${VERBS[access]} ${place}.`
      : access === 'execute'
        ? prose`${who} comes to ${place}, to execute ${code(event.cause?.text ?? 'an instruction')}${nameOf(item.place, cast)}.`
        : prose`${who} ${VERBS[access]} ${place}, with ${instruction(event.cause?.text, item.place, cast)}.`;
  return [what, tellWalk(event), tellResolution(occasion, event)];
}

/** How far the walk got before the fault. */
function tellWalk(event: PageEvent): Prose {
  const walk = ownWalk(event);
  const steps = walk?.before ?? walk?.steps ?? [];
  const last = steps[steps.length - 1];
  const [change] = event.changes;
  if (last === undefined || change === undefined) return prose`The walk found no entry that allows it.`;
  if (change.before !== 0n)
    return prose`The walk reached the leaf, entry ${String(last.index)} of the ${last.level}, which did not allow it: ${entry(change.before)}${change.before & PTE_COW ? ', read-only and marked COW' : ''}.`;
  if (last.level === 'PT')
    return prose`The walk ended at the leaf, entry ${String(last.index)} of the page table (PT), which held nothing: a page fault.`;
  const missing = 3 - (steps.length - 1);
  return prose`The walk ended early: entry ${String(last.index)} of the ${last.level} held nothing, so that ${missing === 1 ? 'the page table below it was' : `the ${missing} tables below it were`} missing, too: a page fault.`;
}

function tellResolution({ resolution }: Of<'fault'>, event: PageEvent): Prose {
  const [change] = event.changes;
  const old = ptePfn(change.before);
  const made = ptePfn(change.after);
  const uses = mappingsOf(event, made);
  const now = uses === undefined ? '' : prose` ${plural(uses, 'entry leads', 'entries lead')} to it now.`;
  const again = 'The instruction then runs again, and succeeds.';
  switch (resolution) {
    case 'zero page':
      return prose`A read needs nothing but zeros: the kernel enters the one frame of zeros, ${frame(made)}, read-only. The first write will get a frame of its own.`;
    case 'demand zero':
      return prose`The kernel takes frame ${frame(made)}, fills it with zeros and enters it: ${entry(change.after)}. ${again}`;
    case 'file page':
      return prose`The page cache has this part of the file in frame ${frame(made)}, which is entered as it is, without a copy.${now}`;
    case 'file copy':
      return prose`The area is private and the access a write: the kernel copies the frame of the page cache into frame ${frame(made)} at once and enters the copy. The file does not change.`;
    case 'shared page':
      return prose`The page has a frame already, ${frame(made)}, which came with a touch through another entry. It is entered here, too: no copy, the same bytes.${now}`;
    case 'copied': {
      const left = mappingsOf(event, old) ?? event.counts?.find(({ pfn }) => pfn === old)?.after;
      const isZeros = event.pictures[0]?.frames.some(({ pfn, note }) => pfn === made && note === 'new, zeros');
      if (isZeros)
        return prose`Until now it was the frame of zeros, ${frame(old)}, which belongs to nobody. The kernel takes frame ${frame(made)}, fills it with zeros and makes the entry writable: ${entry(change.after)}.`;
      return prose`Frame ${frame(old)} has other users: the kernel copies it into frame ${frame(made)} and lets this entry lead there, writable. From now on the two go separate ways${left === undefined ? '' : `; ${plural(left, 'entry still leads', 'entries still lead')} to the old frame`}.`;
    }
    case 'reused':
      return prose`Nobody else uses frame ${frame(made)} any more. There is nothing to copy: the entry becomes writable, ${entry(change.after)}.`;
    case 'spurious':
      return prose`The entry allows the access by now. ${again}`;
  }
}

const WHY: Readonly<Record<Of<'refused'>['why'], string>> = {
  'no area': 'No area of the address space has this page: there is nothing that it could be.',
  rights: 'The area is there, but its rights do not allow the access.',
  'past the end': 'The area shows a file, and the file ends before this page.',
};

export function tellRefused({ why, signal, address: at, action }: Of<'refused'>, item: PageItem, cast: Cast): Prose[] {
  const { event } = item;
  const who = cast.name(event.pid);
  const ways = {
    killed: prose`${signal}, which kills it.`,
    handled: prose`${signal}, for which it has a handler: that runs next.`,
    ignored: prose`${signal}, which it ignores.`,
    stopped: prose`${signal}, which stops it.`,
  };
  return [
    prose`${who} accesses ${address(at)}${inArea(event)}, with ${instruction(event.cause?.text, item.place, cast)}.`,
    prose`${WHY[why]}${whereItEnds(event)}`,
    prose`The kernel cannot make the access possible. The process gets ${ways[action]}`,
  ];
}

/** Where the walk is now, as the processor found it. */
function whereItEnds(event: PageEvent): Prose {
  const steps = ownWalk(event)?.steps ?? [];
  const last = steps[steps.length - 1];
  if (last === undefined) return [];
  return last.entry === 0n
    ? prose` The walk ended at entry ${String(last.index)} of the ${last.level}, which holds nothing.`
    : prose` The walk led to ${entry(last.entry)}.`;
}
