/**
 * Processes with their address spaces, and the frames behind them, as plain data: what the picture draws. All tables of
 * the living processes are read once per view; a frame is listed once, with every entry that leads to it.
 */
import { PAGE_SIZE, vaddrOf, vpnOf } from '../../base/ints.ts';
import { type AreaView, viewAreas } from '../../debug/inspect/areas.ts';
import { foreseeAccess } from '../../debug/inspect/foresee.ts';
import { lineAt, symbolAt } from '../../debug/inspect/modules.ts';
import { type ProcessView, type TaskStatus, type TaskView, viewProcess } from '../../debug/inspect/tasks.ts';
import { walkSpace } from '../../debug/inspect/walk.ts';
import { describeEnding } from '../../debug/story/endings.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { AddressSpace } from '../../kernel/mm/address-space.ts';
import type { Task } from '../../kernel/task/task.ts';
import { PTE_COW, PTE_P, ptePfn } from '../../mem/pte.ts';
import type {
  AreaModel,
  FrameKind,
  FrameMappingModel,
  FrameModel,
  PageModel,
  PlaceModel,
  ProcessModel,
  SpaceModel,
  ThreadModel,
  WalkModel,
} from '../protocol.ts';

/** Pages of an area that are listed one by one, from its start; and around the query's address. */
const MOST_PAGES = 24;
/** Frames whose bytes come along, besides those that the query's address leads to. */
const MOST_BYTES = 64;
/** Processes whose areas and pages are listed: the first ones that live, and the selected one. */
const MOST_SPACES = 12;

export interface SpacesModel {
  readonly processes: readonly ProcessModel[];
  readonly frames: readonly FrameModel[];
}

interface Listed {
  readonly pfn: number;
  readonly mappings: FrameMappingModel[];
  kind: FrameKind;
  /** Page `index` of a file or of shared memory, by its name. */
  holder: string | undefined;
}

/** `selected`: the process that is listed whatever their number. */
export function viewSpaces(kernel: Kernel, address: bigint | undefined, selected: number): SpacesModel {
  const views = kernel.allProcesses.map(viewProcess);
  const living = views.flatMap((view) => {
    const task = taskWithMemory(view);
    return task === undefined ? [] : [{ view, task }];
  });
  const usersOf = Map.groupBy(living, ({ task }) => task.mm);
  const listed = new Map<number, Listed>();
  const spaces = new Map<AddressSpace, SpaceModel>();
  const shown = living.filter(({ view }, i) => i < MOST_SPACES || view.pid === selected);
  for (const { task } of shown) {
    if (spaces.has(task.mm)) continue;
    const pids = usersOf.get(task.mm)!.map(({ view }) => view.pid);
    spaces.set(task.mm, viewSpace(task, pids, address, listed, kernel.zeroFrame));
  }
  countMappings(usersOf, listed);
  const spaceOf = new Map(shown.map(({ view, task }) => [view.pid, spaces.get(task.mm)]));
  const frames = [...listed.values()].sort((a, b) => a.pfn - b.pfn);
  const walked = new Set([...spaces.values()].map(({ walk }) => walk?.pfn));
  return {
    processes: views.map((view) => processModel(view, spaceOf.get(view.pid))),
    frames: frames.map((frame, i) => frameModel(kernel, frame, i < MOST_BYTES || walked.has(frame.pfn))),
  };
}

const taskWithMemory = ({ process }: ProcessView): Task | undefined =>
  process.leader.hasMemory() ? process.leader : process.liveThreads().find((task) => task.hasMemory());

function processModel(view: ProcessView, space: SpaceModel | undefined): ProcessModel {
  const { pid, parentPid, comm, args, state, ending, threads, instructions, minorFaults } = view;
  const main = threads.find(({ status }) => status.kind !== 'zombie' && status.kind !== 'gone') ?? threads[0];
  const hasEnded = state === 'zombie' || state === 'gone';
  return {
    pid,
    parentPid,
    comm,
    args,
    state: hasEnded ? state : main.status.kind,
    stateText: hasEnded
      ? ending === undefined
        ? 'has ended'
        : describeEnding(ending) + (state === 'zombie' ? ', not waited for yet' : '')
      : statusText(main.status),
    threads: threads.map(threadModel),
    space,
    instructions,
    minorFaults,
  };
}

function threadModel({ task, tid, status, isLoaded, rip }: TaskView): ThreadModel {
  return {
    tid,
    state: status.kind,
    stateText: statusText(status),
    isCurrent: isLoaded,
    rip,
    place: rip === undefined ? undefined : placeAt(task, rip),
  };
}

function statusText(status: TaskStatus): string {
  switch (status.kind) {
    case 'waiting':
      return status.call.text();
    case 'stopped':
      return `stopped by signal ${status.signal}`;
    case 'zombie':
    case 'gone':
      return status.ending === undefined ? 'has ended' : describeEnding(status.ending);
    default:
      return status.kind;
  }
}

export function placeAt(task: Task, address: bigint): PlaceModel {
  const symbol = symbolAt(task, address);
  const line = lineAt(task, address);
  return {
    symbol: symbol && `${symbol.symbol.name}${symbol.offset > 0 ? `+${symbol.offset}` : ''}`,
    file: line?.file.path,
    line: line?.line,
  };
}

function viewSpace(
  task: Task,
  pids: readonly number[],
  address: bigint | undefined,
  listed: Map<number, Listed>,
  zeroFrame: number,
): SpaceModel {
  const { mm } = task;
  const areas = viewAreas(task);
  return {
    cr3: mm.cr3,
    pids,
    areas: areas.map((area) => viewArea(mm, area, address, listed, zeroFrame)),
    walk: address === undefined ? undefined : viewWalk(task, mm, address, areas),
    tables: mm.pageTable.tables().length,
  };
}

function viewArea(
  mm: AddressSpace,
  area: AreaView,
  address: bigint | undefined,
  listed: Map<number, Listed>,
  zeroFrame: number,
): AreaModel {
  const { vma, start, end, rights, title, backing, offset } = area;
  const entries = mm.pageTable.entries(vma.start, vma.end).filter(({ entry }) => entry & PTE_P);
  const at = address === undefined ? -1 : entries.findIndex(({ vpn }) => vpn === vpnOf(address));
  const from = at < MOST_PAGES ? 0 : Math.min(at - MOST_PAGES / 2, entries.length - MOST_PAGES);
  const pages: PageModel[] = entries
    .slice(from, from + MOST_PAGES)
    .map(({ vpn, entry }) => ({ address: vaddrOf(vpn), entry, pfn: ptePfn(entry) }));
  for (const { pfn, entry } of pages) {
    const kind = kindOf(area, pfn, entry, zeroFrame);
    const index = vma.backing?.findIndex(ptePfn(entry));
    const holder = index === undefined ? undefined : `${area.name || vma.backing!.name}, page ${index}`;
    const known = listed.get(pfn);
    if (known === undefined) listed.set(pfn, { pfn, mappings: [], kind, holder });
    else {
      known.kind = strongerOf(known.kind, kind);
      known.holder ??= holder;
    }
  }
  return { start, end, rights, title, backing, offset, pages, present: entries.length, total: vma.end - vma.start };
}

function kindOf({ vma, backing }: AreaView, pfn: number, entry: bigint, zeroFrame: number): FrameKind {
  if (pfn === zeroFrame) return 'zero';
  if (entry & PTE_COW) return 'copy on write';
  if (vma.shared && backing !== 'file') return 'shared';
  if (vma.backing?.findIndex(ptePfn(entry)) === undefined) return 'private';
  return vma.shared ? 'shared' : 'file';
}

/** Of what two areas say of one frame. */
const STRENGTH: readonly FrameKind[] = ['file', 'private', 'copy on write', 'shared', 'zero'];
const strongerOf = (a: FrameKind, b: FrameKind): FrameKind => (STRENGTH.indexOf(a) >= STRENGTH.indexOf(b) ? a : b);

/** All entries of all processes that lead to listed frames. */
function countMappings(
  usersOf: ReadonlyMap<AddressSpace, readonly { readonly view: ProcessView }[]>,
  listed: ReadonlyMap<number, Listed>,
): void {
  for (const [mm, users] of usersOf) {
    const pids = users.map(({ view }) => view.pid);
    for (const vma of mm.vmas)
      for (const { vpn, entry } of mm.pageTable.entries(vma.start, vma.end))
        if (entry & PTE_P) listed.get(ptePfn(entry))?.mappings.push({ pids, address: vaddrOf(vpn), entry });
  }
}

function frameModel(kernel: Kernel, { pfn, mappings, kind, holder }: Listed, withBytes: boolean): FrameModel {
  const { frames } = kernel;
  const known = frames.bytes(pfn as Parameters<typeof frames.bytes>[0]);
  return {
    pfn,
    paddr: pfn * PAGE_SIZE,
    kind,
    references: frames.references(pfn as Parameters<typeof frames.references>[0]),
    mappings,
    holders: holder === undefined ? [] : [holder],
    bytes: withBytes ? known.slice() : undefined,
  };
}

function viewWalk(task: Task, mm: AddressSpace, address: bigint, areas: readonly AreaView[]): WalkModel {
  const { isCanonical, steps, pfn, paddr, rights, vma } = walkSpace(mm, address);
  const area = areas.find((one) => one.vma === vma);
  return {
    address,
    isCanonical,
    steps: steps.map(({ level, table, index, entry }) => ({ level, index, entry, at: table * PAGE_SIZE + index * 8 })),
    pfn,
    paddr,
    rights,
    area: area && `${area.rights} ${area.title}`,
    foreseen: {
      read: foreseeAccess(task, address, 'read')!,
      write: foreseeAccess(task, address, 'write')!,
      execute: foreseeAccess(task, address, 'execute')!,
    },
  };
}
