/** The picture in words, for who does not see it: the selected page's walks, then each process's areas, then the frames. */
import { hex } from '../../../base/ints.ts';
import type { MachineView, ProcessModel } from '../../protocol.ts';
import { describeEntry, frameAddress } from './bits.ts';
import { counted, describeEnd, describeMappings, describeReferences, hasEnded } from './words.ts';

/** `tellsFuture`: also what an access to the address would meet. */
export function describePicture(view: MachineView, processes: readonly ProcessModel[], tellsFuture = true): string[] {
  const { address } = view;
  const walks =
    address === undefined
      ? ['No address is selected.']
      : processes.flatMap((one) => describeWalk(one, address, tellsFuture));
  const pfns = new Set(
    processes.flatMap(({ space }) => space?.areas.flatMap(({ pages }) => pages.map(({ pfn }) => pfn)) ?? []),
  );
  const frames = view.frames
    .filter(({ pfn }) => pfns.has(pfn))
    .map(
      (frame) =>
        `Frame ${frameAddress(frame.pfn)}: ${frame.kind}, ${describeMappings(frame)}; ${describeReferences(frame)}.`,
    );
  return [...walks, ...processes.flatMap(describeSpace), ...frames];
}

function describeWalk({ pid, space }: ProcessModel, address: bigint, tellsFuture: boolean): string[] {
  const walk = space?.walk;
  if (space === undefined || walk === undefined) return [];
  const steps = walk.steps.map(({ level, index, entry }) => describeEntry(level, index, entry));
  const end =
    walk.pfn === undefined
      ? describeEnd(walk, tellsFuture).join('; ')
      : `the byte is at physical address ${hex(walk.paddr!, 8)}`;
  return [
    `Process ${pid}, address ${hex(address)}${walk.area === undefined ? '' : ` (${walk.area})`}: ${[...steps, end].join('; ')}.`,
  ];
}

function describeSpace(process: ProcessModel): string[] {
  const { pid, space, stateText } = process;
  if (hasEnded(process)) return [`Process ${pid} ${stateText}; it has no page table any more.`];
  if (space === undefined) return [`Process ${pid}: ${stateText}; of so many processes, its page table is not read.`];
  const others = space.pids.filter((one) => one !== pid);
  const shared = others.length === 0 ? '' : ` It is also the page table of ${others.join(', ')}.`;
  return [
    `Process ${pid}: page table at ${hex(space.cr3, 8)}, ${counted(space.areas.length, 'area')}.${shared}`,
    ...space.areas.map(
      ({ start, end, rights, title, present, total }) =>
        `Process ${pid}, ${hex(start)} to ${hex(end)}: ${rights} ${title}, ${present} of ${counted(total, 'page')} in use.`,
    ),
  ];
}
