/**
 * What the picture shows when the user has not said: two processes of many, and the address whose walk is drawn. Both follow
 * from the run's events alone, so the picture leads through any program.
 */
import type { MachineView, ProcessModel, TimelineEvent } from '../../protocol.ts';

/** Parent and child, in order of birth: the selected process with its parent, else with its latest child, else with any. */
export function choosePair(view: MachineView, wanted: readonly number[] = []): readonly ProcessModel[] {
  const { processes } = view;
  const known = wanted.map((pid) => processes.find((one) => one.pid === pid)).filter((one) => one !== undefined);
  if (processes.length <= 2 || known.length === 2) return known.length === 2 ? known : processes;
  const selected = known[0] ?? processes.find(({ pid }) => pid === view.pid) ?? processes[0];
  const others = processes.filter((one) => one !== selected);
  const living = others.filter(({ space }) => space !== undefined);
  const partner =
    living.find(({ pid }) => pid === selected.parentPid) ??
    living.findLast(({ parentPid }) => parentPid === selected.pid) ??
    living.at(-1) ??
    others.find(({ pid }) => pid === selected.parentPid) ??
    others.findLast(({ parentPid }) => parentPid === selected.pid) ??
    others[0];
  return processes.filter((one) => one === selected || one === partner);
}

/** On a narrow screen: the one that was asked for, else the selected one. */
export function chooseOne(
  view: MachineView,
  pair: readonly ProcessModel[],
  wanted: readonly number[],
): readonly ProcessModel[] {
  const one =
    view.processes.find(({ pid }) => pid === wanted.at(-1)) ?? pair.find(({ pid }) => pid === view.pid) ?? pair[0];
  return one === undefined ? [] : [one];
}

/**
 * What the machine has stopped for; else the page that the last event was about, as long as somebody has it; else the first area that is shared; else the page that
 * the stack begins in.
 */
export function chooseAddress(view: MachineView, events: readonly TimelineEvent[]): bigint | undefined {
  const areas = view.processes.flatMap(({ space }) => space?.areas ?? []);
  const isMapped = (address: bigint): boolean => areas.some(({ start, end }) => start <= address && address < end);
  const stoppedAt = view.stop.event && addressOf(view.stop.event);
  if (stoppedAt !== undefined && areas.length > 0) return stoppedAt;
  for (let i = lastAt(events, view.position.event); i >= 0; i--) {
    const address = addressOf(events[i]);
    if (address === undefined) continue;
    const isLast = events[i].number === view.position.event;
    if (isMapped(address) || (isLast && areas.length > 0)) return address;
  }
  const shared = areas.find(({ rights }) => rights.endsWith('s'));
  if (shared !== undefined) return shared.start;
  const stack = areas.find(({ title }) => title === '[stack]');
  return stack?.pages.at(-1)?.address ?? areas[0]?.start;
}

/** Index of the last event at or before a number, in a list by number; -1: none. */
export function lastAt(events: readonly TimelineEvent[], number: number): number {
  let [low, high] = [0, events.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (events[middle].number <= number) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

function addressOf({ detail }: TimelineEvent): bigint | undefined {
  switch (detail.kind) {
    case 'fault':
      return detail.address;
    case 'mapping':
      return detail.cause === 'brk' || detail.cause === 'exec' ? undefined : detail.start;
    case 'signal':
      return detail.address;
    default:
      return undefined;
  }
}
