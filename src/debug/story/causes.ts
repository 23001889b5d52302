/**
 * Which instruction stored to shared memory, or read it first: the machine goes through the run again and is asked. What
 * a page event alone shows of such an access is that it has happened.
 */
import { PAGE_SIZE } from '../../base/ints.ts';
import type { Engine } from '../engine.ts';
import { describeInstruction } from '../instruction.ts';
import { placeOf } from './places.ts';
import type { Access, PageItem, Story } from './story.ts';

/** Accesses that are looked for. */
const MOST = 24;

export const hasAccesses = ({ chapters }: Story): boolean =>
  chapters.some(({ items }) =>
    items.some((item) => item.kind === 'page' && ['store', 'load'].includes(item.event.occasion.kind)),
  );

export async function findCauses(story: Story, engine: Engine): Promise<void> {
  const items = story.chapters.flatMap(({ items }) => items.flatMap((item) => (item.kind === 'page' ? [item] : [])));
  let left = MOST;
  for (const item of items) {
    const { kind } = item.event.occasion;
    if ((kind !== 'store' && kind !== 'load') || left-- <= 0) continue;
    item.cause = kind === 'store' ? await findStore(item, engine) : await findLoad(item, items, engine);
  }
}

/** The last write to the first byte that has changed, if it is what was seen. */
async function findStore({ event }: PageItem, engine: Engine): Promise<Access | undefined> {
  const [frame] = event.pictures[0].frames;
  const at = frame.bytes.findIndex((byte, i) => byte !== frame.bytesBefore?.[i]);
  if (at < 0) return undefined;
  await engine.goto({ instruction: event.instructions });
  const writer = await engine.reverseToWrite({ pfn: frame.pfn, offset: frame.offset + at });
  if (writer === undefined || writer.pid !== event.process || writer.after !== frame.bytes[at]) return undefined;
  return accessAt(engine, writer);
}

/** The first read of the page since the process has it. */
async function findLoad({ event }: PageItem, items: readonly PageItem[], engine: Engine): Promise<Access | undefined> {
  const { process, pictures } = event;
  const place = { kind: 'virtual', pid: process, address: pictures[0].address, length: PAGE_SIZE } as const;
  await engine.goto({ instruction: beginningOf(process, items) });
  const watchpoint = engine.addWatchpoint(place, 'read', { pid: process });
  const { reason, position } = await engine.continue();
  engine.removeStopPoint(watchpoint.id);
  if (reason.kind !== 'watchpoint' || position.instruction > event.instructions) return undefined;
  const { by, rip } = reason.access;
  return accessAt(engine, { tid: event.pid, rip, by });
}

/** Where the fork is that has made the process; 0 for the first one, or one whose fork is not told. */
const beginningOf = (pid: number, items: readonly PageItem[]): number =>
  items.find(({ event: { occasion } }) => occasion.kind === 'fork' && occasion.child === pid)?.event.instructions ?? 0;

function accessAt(
  engine: Engine,
  { tid, rip, by }: { readonly tid: number; readonly rip: bigint; readonly by: 'program' | 'kernel' },
): Access | undefined {
  const task = engine.machine.kernel.findTask(tid);
  if (task === undefined) return undefined;
  return { place: placeOf(task, rip), text: describeInstruction(task, rip), byKernel: by === 'kernel' };
}
