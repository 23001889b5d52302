/** walk: an address's way through the page tables of every process, ending in frames. */
import { evaluateAddress } from '../expression/evaluate.ts';
import { viewArea } from '../inspect/areas.ts';
import { viewFrame } from '../inspect/frames.ts';
import { livingTasks } from '../inspect/tasks.ts';
import { walkAddress } from '../inspect/walk.ts';
import { command } from './define.ts';
import type { WalkOutput } from './output.ts';
import { text } from './params.ts';
import type { Session } from './session.ts';

export const walk = command({
  name: 'walk',
  group: 'machine',
  params: text('address', 'expression'),
  usage: 'ADDRESS',
  help:
    'Walk the page tables of every process for an address: PML4, PDPT, PD, PT, frame, with the bits of each entry. ' +
    'A frame that several walks end in is drawn once.',
  run: (session, { text: address }) => [
    { kind: 'walk', walks: walksOf(session, evaluateAddress(address, session.scope())) },
  ],
});

/** One walk for each address space in use; of processes that share one, the first. */
export function walksOf({ engine }: Pick<Session, 'engine'>, address: bigint): WalkOutput[] {
  const { kernel, frames } = engine.machine;
  const seen = new Set<unknown>();
  return livingTasks(kernel).flatMap(({ task, pid }) => {
    if (!task.hasMemory() || seen.has(task.mm)) return [];
    seen.add(task.mm);
    const found = walkAddress(task, address);
    if (found === undefined) return [];
    const { pfn } = found;
    const offset = Number(address & 0xfffn);
    const vma = found.vma && viewArea(task, found.vma);
    return [
      {
        pid,
        walk: found,
        area: vma === undefined ? 'not mapped' : `${vma.rights} ${vma.title}`,
        mappings: pfn === undefined ? 0 : viewFrame(kernel, pfn)!.mappings.length,
        references: pfn === undefined ? 0 : frames.references(pfn),
        bytes: pfn === undefined ? undefined : frames.bytes(pfn).slice(offset, offset + 16),
      },
    ];
  });
}
