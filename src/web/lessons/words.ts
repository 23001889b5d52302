/**
 * A lesson's text with what the machine shows in its places: `code` between backticks, and {frame child}, {value parent},
 * {event}, ... read from the view at hand. A placeholder that cannot be resolved is the lesson's fault, and said so.
 */

import { signalName } from '../../abi/signal.ts';
import { hex } from '../../base/ints.ts';
import { invariant } from '../../base/invariant.ts';
import { describePteFlags } from '../../mem/pte.ts';
import type { FrameModel, MachineView, PageModel, TimelineEvent } from '../protocol.ts';
import { pidOf, type Who } from './places.ts';

/** `live`: read from the machine. */
export type Piece = { readonly kind: 'text' | 'code' | 'live'; readonly text: string };

/** What text is about. */
export interface Scene {
  readonly view: MachineView;
  readonly events: readonly TimelineEvent[];
  /** Where a step stands at. Undefined: somewhere else than at an event. */
  readonly event?: TimelineEvent | undefined;
}

export function fillWords(text: string, scene: Scene): Piece[] {
  return text
    .split(/(`[^`]*`|\{[^}]*\})/)
    .filter((part) => part !== '')
    .map((part): Piece => {
      if (part.startsWith('`')) return { kind: 'code', text: part.slice(1, -1) };
      if (!part.startsWith('{')) return { kind: 'text', text: part };
      const [name, ...words] = part.slice(1, -1).split(' ');
      const read = PLACEHOLDERS[name];
      invariant(read !== undefined, `lesson: there is no {${name}}`);
      const found = read(scene, words.join(' '));
      return { kind: 'live', text: found ?? `{${name}: nothing here}` };
    });
}

/** Undefined: the machine has no such thing here. */
type Read = (scene: Scene, words: string) => string | undefined;

const PLACEHOLDERS: Readonly<Record<string, Read>> = {
  /** The selected address. */
  address: ({ view }) => (view.address === undefined ? undefined : hex(view.address)),
  /** Their pids. */
  pid: ({ events }, who) => pidOf(events, who as Who)?.toString(),
  /** The frame that the selected address reaches in a process. */
  frame(scene, who) {
    const pfn = walkOf(scene, who)?.pfn;
    return pfn === undefined ? undefined : hex(pfn * 4096, 8);
  },
  /** The bits of the last entry. */
  flags(scene, who) {
    const entry = walkOf(scene, who)?.steps.at(3)?.entry;
    return entry === undefined || entry === 0n ? undefined : describePteFlags(entry);
  },
  /** The eight bytes there, as a number. */
  value(scene, who) {
    const value = valueAt(scene.view, pidOf(scene.events, who as Who), scene.view.address);
    return value === undefined ? undefined : hex(value, 16);
  },
  number: (scene, who) => valueAt(scene.view, pidOf(scene.events, who as Who), scene.view.address)?.toString(),
  /** Entries that lead to the frame, in all processes. */
  mappings: (scene, who) => frameOf(scene, who)?.mappings.length.toString(),
  references: (scene, who) => frameOf(scene, who)?.references.toString(),
  /** `/tmp/file, page 0`. */
  holder: (scene, who) => frameOf(scene, who)?.holders[0],
  /** Frames that the page is in, over all processes. */
  frames: ({ view }) => new Set(walksOf(view).map(({ pfn }) => pfn)).size.toString(),
  present: (scene, who) => areaOf(scene, who)?.present.toString(),
  total: (scene, who) => areaOf(scene, who)?.total.toString(),
  area: (scene, who) => walkOf(scene, who)?.area,
  /** Page tables of a process: frames that hold them. */
  cr3(scene, who) {
    const cr3 = processOf(scene, who)?.space?.cr3;
    return cr3 === undefined ? undefined : hex(cr3, 8);
  },
  inUse: ({ view }) => view.memoryInUse.frames.toLocaleString('en'),
  state: (scene, who) => processOf(scene, who)?.stateText,
  /** The event that the machine stands at: `fork() = 101`. */
  event: ({ view, events, event }) =>
    (event ?? events.findLast(({ number }) => number <= view.position.event))?.text.replace(
      /^(---|\+\+\+) | (---|\+\+\+)$/g,
      '',
    ),
  /** Of a process that has ended or will: `exits with status 1`. */
  ending({ events }, who) {
    const pid = pidOf(events, who as Who);
    const exit = events.find((event) => event.pid === pid && event.detail.kind === 'exit')?.detail;
    if (exit?.kind !== 'exit') return undefined;
    return exit.signal === undefined ? `exits with ${exit.status}` : `is killed by ${signalName(exit.signal)}`;
  },
  /** Of the selected process: what it executes next, and a register. */
  instruction: ({ view }) => view.code.find(({ address }) => address === view.registers?.rip)?.text,
  register({ view }, name) {
    const found = view.registers?.general.find((register) => register.name === name);
    return found && hex(found.value);
  },
  /** Instructions that the machine has executed. */
  executed: ({ view }) => view.position.instruction.toLocaleString('en'),
};

function processOf({ view, events }: Scene, who: string) {
  const pid = pidOf(events, who as Who);
  return view.processes.find((process) => process.pid === pid);
}
const walkOf = (scene: Scene, who: string) => processOf(scene, who)?.space?.walk;

function frameOf(scene: Scene, who: string): FrameModel | undefined {
  const pfn = walkOf(scene, who)?.pfn;
  return scene.view.frames.find((frame) => frame.pfn === pfn);
}
function areaOf(scene: Scene, who: string) {
  const { address } = scene.view;
  if (address === undefined) return undefined;
  return processOf(scene, who)?.space?.areas.find(({ start, end }) => address >= start && address < end);
}

/** Where the view's address leads to, in each process that has it. */
export const walksOf = ({ processes }: MachineView): { pid: number; pfn: number; entry: PageModel['entry'] }[] =>
  processes.flatMap(({ pid, space }) => {
    const walk = space?.walk;
    return walk?.pfn === undefined ? [] : [{ pid, pfn: walk.pfn, entry: walk.steps[3]?.entry ?? 0n }];
  });

/** Eight bytes at an address that the view has the walk of; undefined: no frame, or one whose bytes did not come along. */
export function valueAt(
  { processes, frames }: MachineView,
  pid: number | undefined,
  address: bigint | undefined,
): bigint | undefined {
  const walk = processes.find((process) => process.pid === pid)?.space?.walk;
  if (walk === undefined || address === undefined || walk.address !== address) return undefined;
  const bytes = frames.find(({ pfn }) => pfn === walk.pfn)?.bytes;
  const offset = Number(address & 0xfffn);
  if (bytes === undefined || offset > 4088) return undefined;
  return new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(offset, true);
}
