/**
 * A page fault in the steps that one can look at: the access meets the entry, a frame is got, the entry leads there, the
 * instruction runs again. Each step's picture is a real state of the machine; only the new frame stands in it early.
 */
import { hex, PAGE } from '../../../base/ints.ts';
import { PTE_P, ptePfn } from '../../../mem/pte.ts';
import type { EventDetail, FrameModel, MachineView, Move, TimelineEvent } from '../../protocol.ts';
import { flagsOf, frameAddress } from './bits.ts';
import { type Changes, pageKey } from './changes.ts';
import { lastAt } from './choice.ts';
import { counted } from './words.ts';

type Fault = Extract<EventDetail, { kind: 'fault' }>;
export interface FaultEvent extends TimelineEvent {
  readonly detail: Fault;
}

export type StageId = 'meet' | 'frame' | 'entry' | 'again';

/** The states around a fault: before it, when it has been resolved, and when the instruction has run. */
export interface Around {
  readonly before: MachineView;
  readonly after: MachineView;
  readonly done: MachineView;
}

const isFault = (event: TimelineEvent | undefined): event is FaultEvent => event?.detail.kind === 'fault';

/** The fault that the machine stands at, and at which of its steps. */
export function findFault(
  { position }: MachineView,
  events: readonly TimelineEvent[],
): { event: FaultEvent; stage: StageId } | undefined {
  const index = lastAt(events, position.event);
  const [last, next] = [events[index] as TimelineEvent | undefined, events[index + 1] as TimelineEvent | undefined];
  if (isFault(last) && last.number === position.event) {
    if (position.instruction === last.instruction) return { event: last, stage: 'entry' };
    if (position.instruction === last.instruction + 1) return { event: last, stage: 'again' };
  }
  if (isFault(next) && next.number === position.event + 1 && next.instruction === position.instruction)
    return { event: next, stage: 'meet' };
  const ofCall = findInCall(events, index);
  return ofCall && ofCall.instruction === position.instruction ? { event: ofCall, stage: 'entry' } : undefined;
}

/** A call is one step of the machine: of the faults in the one that has just ended, the last. */
function findInCall(events: readonly TimelineEvent[], end: number): FaultEvent | undefined {
  if (end < 0 || events[end].detail.kind !== 'return') return undefined;
  for (let i = end - 1; i >= 0 && events[i].tid === events[end].tid; i--) {
    const event = events[i];
    if (event.detail.kind === 'syscall') return undefined;
    if (isFault(event) && event.detail.by === 'kernel') return event;
  }
  return undefined;
}

/** Which steps it has: nothing is got when the frame stays, and a call goes on by itself. */
export function stagesOf({ resolution, by }: Fault): readonly StageId[] {
  const stages: StageId[] = resolution === 'reused' || resolution === 'spurious' ? ['meet'] : ['meet', 'frame'];
  return by === 'kernel' ? [...stages, 'entry'] : [...stages, 'entry', 'again'];
}

/** How the states are reached. */
export function movesTo({ instruction, number, detail }: FaultEvent): Readonly<Record<keyof Around, readonly Move[]>> {
  const to = (event: number): Move => ({ kind: 'goto', position: { instruction, event } });
  const after = to(number);
  return {
    before: [to(number - 1)],
    after: [after],
    done: detail.by === 'kernel' ? [after] : [after, { kind: 'instruction', direction: 'forward' }],
  };
}

export const TITLES: Readonly<Record<StageId, string>> = {
  meet: 'the access',
  frame: 'the frame',
  entry: 'the entry',
  again: 'again',
};

/** What happens in a step, in a sentence or two. `seen`: the state when it has been resolved, where it is known. */
export function describeStage(event: FaultEvent, stage: StageId, seen: MachineView | undefined): string {
  const { detail, rip, pid } = event;
  const { before, after, access, by, resolution } = detail;
  const instruction = seen?.pid === pid ? seen.code.find(({ address }) => address === rip)?.text : undefined;
  const who = by === 'kernel' ? "The kernel's own" : `${instruction ?? 'The instruction'} at ${hex(rip)}: its`;
  const [old, now] = [ptePfn(before), ptePfn(after)];
  switch (stage) {
    case 'meet':
      return before & PTE_P
        ? `${who} ${access} meets a read-only entry, ${flagsOf(before)}: page fault, ${errorCode(detail)}.`
        : `${who} ${access} finds no entry for its page: page fault, ${errorCode(detail)}.`;
    case 'frame':
      return GOT[resolution]?.(frameAddress(now), before === 0n ? undefined : frameAddress(old)) ?? '';
    case 'entry':
      return entryText(detail, pid, seen) + (by === 'kernel' ? ` The call goes on with its ${access}.` : '');
    case 'again':
      return `The same instruction runs again, and its ${access} reaches frame ${frameAddress(now)}${before & PTE_P && old !== now ? `; ${frameAddress(old)} is as it was` : ''}.`;
  }
}

const GOT: Readonly<Record<string, (now: string, old: string | undefined) => string>> = {
  copied: (now, old) => `A frame is taken, ${now}, and all 4096 bytes of ${old} are copied into it.`,
  'file copy': (now) => `A frame is taken, ${now}, and the page of the file is copied into it.`,
  'demand zero': (now) => `A frame is taken, ${now}, and filled with zeros.`,
  'zero page': (now) => `Nobody has written there: the one frame of zeros will do, ${now}.`,
  'file page': (now) => `The page cache has that page of the file in frame ${now}.`,
  'shared page': (now) => `Another mapping has touched that page before: its frame is ${now}.`,
};

function entryText({ before, after, resolution }: Fault, pid: number, seen: MachineView | undefined): string {
  const [old, now] = [ptePfn(before), ptePfn(after)];
  if (resolution === 'reused')
    return `Nobody else maps frame ${frameAddress(now)} any more, so nothing is copied: the entry of ${pid} becomes writable, ${flagsOf(after)}.`;
  const leads = `The entry of ${pid} leads to ${frameAddress(now)}: ${flagsOf(after)}.`;
  if (before === 0n || old === now) return leads;
  const left = seen?.frames.find(({ pfn }) => pfn === old)?.mappings.length ?? 0;
  return seen === undefined ? leads : `${leads} Frame ${frameAddress(old)} has ${counted(left, 'mapping')} left.`;
}

/** Of #PF, Intel SDM Vol. 3A, "Page-Fault Exceptions": P (an entry was there), W (a write), U (user mode), I (a fetch). */
export function errorCode({ before, access, by }: Fault): string {
  const bits = [
    before & PTE_P ? 'P' : '',
    access === 'write' ? 'W' : '',
    by === 'kernel' ? '' : 'U',
    access === 'execute' ? 'I' : '',
  ];
  const set = bits.filter((bit) => bit !== '').join(' ');
  return set === '' ? 'error code 0' : `error code ${set}`;
}

/** What a step's picture is drawn from. */
export function viewOf(stage: StageId, { before, after, done }: Around): MachineView {
  return stage === 'again' ? done : stage === 'entry' ? after : before;
}
export function viewBefore(stage: StageId, { before, after }: Around): MachineView {
  return stage === 'again' ? after : before;
}

/** The frame that no entry leads to yet, and where its bytes come from. */
export function comingFrame(
  { detail, pid }: FaultEvent,
  { before, after }: Around,
): { pid: number; frame: FrameModel; from: FrameModel | undefined } | undefined {
  const now = ptePfn(detail.after);
  const got = after.frames.find(({ pfn }) => pfn === now);
  if (got === undefined) return undefined;
  const known = before.frames.find(({ pfn }) => pfn === now);
  const from =
    detail.resolution === 'copied' ? before.frames.find(({ pfn }) => pfn === ptePfn(detail.before)) : undefined;
  // Its mappings and references are those that it has before the entry is written.
  return {
    pid,
    frame: known ?? { ...got, kind: KIND_BEFORE[detail.resolution] ?? got.kind, mappings: [], references: 1 },
    from,
  };
}
const KIND_BEFORE: Readonly<Record<string, FrameModel['kind']>> = { copied: 'private', 'file copy': 'private' };

const TAKES_A_FRAME: ReadonlySet<string> = new Set(['copied', 'file copy', 'demand zero']);

/** What the fault itself has changed, whatever was seen before it. */
export function changesOf({ pid, detail }: FaultEvent, view: MachineView): Changes {
  const { before, after, address, resolution } = detail;
  const [old, now] = [ptePfn(before), ptePfn(after)];
  const mapped = (pfn: number): number => view.frames.find((frame) => frame.pfn === pfn)?.mappings.length ?? 0;
  const isOther = before === 0n || old !== now;
  const mappings = new Map<number, number>();
  if (isOther && before !== 0n) mappings.set(old, mapped(old) + 1);
  if (isOther && !TAKES_A_FRAME.has(resolution)) mappings.set(now, mapped(now) - 1);
  return {
    entries: new Map([[pageKey(pid, address & ~(PAGE - 1n)), { before, after }]]),
    newFrames: new Set(TAKES_A_FRAME.has(resolution) ? [now] : []),
    bytes: new Map(),
    mappings,
  };
}

/** Beside the walk's last entry. */
export function remarkOf(event: FaultEvent, stage: StageId): { text: string; isFault: boolean } | undefined {
  const { access } = event.detail;
  if (stage === 'meet') return { text: `✗ ${access}: #PF, ${errorCode(event.detail)}`, isFault: true };
  if (stage === 'again') return { text: `✓ the ${access} reaches its frame`, isFault: false };
  return undefined;
}
