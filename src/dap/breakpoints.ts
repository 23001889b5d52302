/**
 * Breakpoints as a client sets them: all of a source, all functions, all instructions, all data at once. They are the
 * engine's stop points; a place that has no code yet is looked for again whenever the run stops.
 */
import type { DebugProtocol } from '@vscode/debugprotocol';
import { hex } from '../base/ints.ts';
import { UsageError } from '../base/invariant.ts';
import { conditionOf } from '../debug/commands/breakpoints.ts';
import type { Session } from '../debug/commands/session.ts';
import { breakAtLine, breakAtSymbol, findSymbol, lineAt } from '../debug/inspect/modules.ts';
import type { Condition, WatchedPlace, Watchpoint } from '../debug/stops.ts';
import type { Task } from '../kernel/task/task.ts';
import { type Arguments, parseAddress } from './arguments.ts';

/** Where a breakpoint is to be, as the client has said. */
export type Wish =
  | { readonly kind: 'line'; readonly path: string; readonly line: number }
  | { readonly kind: 'function'; readonly name: string }
  | { readonly kind: 'instruction'; readonly address: bigint }
  | {
      readonly kind: 'data';
      readonly place: WatchedPlace;
      readonly access: Watchpoint['access'];
    };

interface Entry {
  readonly id: number;
  readonly wish: Wish;
  readonly condition: string | undefined;
  readonly ignoreCount: number;
  /** Why it cannot be, whatever is loaded. */
  readonly refusal: string | undefined;
  /** The engine's; empty: there is no such place. */
  points: number[];
  /** Where it has come to be. */
  found: { readonly line?: number; readonly address?: bigint };
}

type Found = { readonly addresses: readonly bigint[]; readonly line?: number };

export class Breakpoints {
  private _session: Session;
  /** By what is set together: a source's path, `functions`, ... */
  private readonly _groups = new Map<string, Entry[]>();
  private _lastId = 0;

  constructor(session: Session) {
    this._session = session;
  }

  /** In place of those that the group had. */
  set(group: string, wishes: readonly { wish: Wish; given: Arguments }[]): DebugProtocol.Breakpoint[] {
    for (const { points } of this._groups.get(group) ?? [])
      for (const id of points) this._session.engine.removeStopPoint(id);
    const entries = wishes.map(({ wish, given }): Entry => {
      const { ignoreCount, refusal } = parseHits(given.findText('hitCondition'));
      const condition = given.findText('condition')?.trim() || undefined;
      return { id: ++this._lastId, wish, condition, ignoreCount, refusal, points: [], found: {} };
    });
    this._groups.set(group, entries);
    for (const entry of entries) this._place(entry);
    return entries.map(describe);
  }

  /** The same of another run. */
  moveTo(session: Session): void {
    this._session = session;
    for (const entry of [...this._groups.values()].flat()) {
      entry.points = [];
      this._place(entry);
    }
  }

  /** Those that were nowhere and are somewhere now. */
  placeAgain(): DebugProtocol.Breakpoint[] {
    const missing = [...this._groups.values()].flat().filter(({ points, refusal }) => points.length === 0 && !refusal);
    for (const entry of missing) this._place(entry);
    return missing.filter(({ points }) => points.length > 0).map(describe);
  }

  /** The client's numbers for the engine's. */
  idsOf(points: readonly number[]): number[] {
    const entries = [...this._groups.values()].flat();
    return entries.filter((entry) => entry.points.some((point) => points.includes(point))).map(({ id }) => id);
  }

  private _place(entry: Entry): void {
    if (entry.refusal !== undefined) return;
    const { engine } = this._session;
    const { wish, ignoreCount } = entry;
    const options = { condition: this._condition(entry.condition), ignoreCount, label: labelOf(wish) };
    if (wish.kind === 'data') {
      entry.points = [engine.addWatchpoint(wish.place, wish.access, options).id];
      return;
    }
    const task = engine.task ?? engine.machine.kernel.allProcesses.flatMap(({ threads }) => threads)[0];
    const found = task && placeOf(task, wish);
    if (found === undefined) return;
    entry.points = found.addresses.map((address) => engine.addBreakpoint(address, options).id);
    entry.found = { address: found.addresses[0], ...(found.line !== undefined && { line: found.line }) };
  }

  private _condition(text: string | undefined): Condition {
    const session = this._session;
    const isTrue = text === undefined ? undefined : conditionOf(session, text);
    return { text: text ?? '', isTrue: (task) => session.isFollowed(task) && isTrue?.(task) !== false };
  }
}

function placeOf(task: Task, wish: Exclude<Wish, { kind: 'data' }>): Found | undefined {
  switch (wish.kind) {
    case 'instruction':
      return { addresses: [wish.address] };
    case 'function': {
      if (/^\*?0x[0-9a-f]+$/i.test(wish.name)) return { addresses: [parseAddress(wish.name.replace('*', ''), 'name')] };
      const symbol = findSymbol(task, wish.name);
      if (symbol === undefined) return undefined;
      const address = breakAtSymbol(symbol);
      const line = lineAt(task, address)?.line;
      return { addresses: [address], ...(line !== undefined && { line }) };
    }
    case 'line': {
      const found = findLine(task, wish.path, wish.line);
      return found && { addresses: found.addresses, line: found.line };
    }
  }
}

/** Where the client has the file and where the compiler had it may differ: then the end of the path decides. */
export function findLine(task: Task, path: string, line: number): ReturnType<typeof breakAtLine> {
  const parts = path.split(/[\\/]/).filter((part) => part !== '');
  for (let from = 0; from < parts.length; from++) {
    const found = breakAtLine(task, from === 0 ? path : parts.slice(from).join('/'), line);
    if (found !== undefined) return found;
  }
  return undefined;
}

function labelOf(wish: Wish): string {
  switch (wish.kind) {
    case 'line':
      return `${wish.path.replace(/^.*[\\/]/, '')}:${wish.line}`;
    case 'instruction':
      return `*${hex(wish.address)}`;
    case 'function':
      return wish.name;
    case 'data':
      return describePlace(wish.place);
  }
}

function describe({ id, wish, refusal, points, found }: Entry): DebugProtocol.Breakpoint {
  const where = {
    ...(found.line !== undefined && { line: found.line }),
    ...(found.address !== undefined && { instructionReference: hex(found.address) }),
  };
  if (points.length > 0) return { id, verified: true, ...where };
  const missing =
    wish.kind === 'line'
      ? `there is no code of line ${wish.line} in what is loaded`
      : `there is no ${labelOf(wish)} in what is loaded`;
  return refusal === undefined
    ? { id, verified: false, reason: 'pending', message: missing }
    : { id, verified: false, reason: 'failed', message: refusal };
}

/** `5`, `>= 5`: from the fifth time on. */
function parseHits(text: string | undefined): { ignoreCount: number; refusal?: string } {
  const given = text?.trim() ?? '';
  if (given === '') return { ignoreCount: 0 };
  const found = /^(?:(>=?)\s*)?(\d{1,12})$/.exec(given);
  if (found === null) return { ignoreCount: 0, refusal: `hit condition '${given}': only N, >= N and > N are known` };
  return { ignoreCount: Math.max(0, Number(found[2]) - (found[1] === '>' ? 0 : 1)) };
}

// ---- data
/** `8 bytes at 0x7ffff7ffe000 of process 100`, `8 bytes in frame 0x0020e000, whoever maps it`. */
export function describePlace(place: WatchedPlace): string {
  const bytes = `${place.length} byte${place.length === 1 ? '' : 's'}`;
  if (place.kind === 'virtual') return `${bytes} at ${hex(place.address)} of process ${place.pid}`;
  const from = place.offset === 0 ? '' : ` from byte ${hex(place.offset)} on`;
  return `${bytes} in frame ${hex(place.pfn * 4096, 8)}${from}, whoever maps it`;
}

/** What a data breakpoint watches, as a text that the client keeps: `virtual 100 0x7ffff7ffe000 8`, `frame 0x20e 0 8`. */
export const writeDataId = (place: WatchedPlace): string =>
  place.kind === 'virtual'
    ? `virtual ${place.pid} ${hex(place.address)} ${place.length}`
    : `frame ${hex(place.pfn)} ${place.offset} ${place.length}`;

export function parseDataId(text: string): WatchedPlace {
  const [kind, a, b, length, ...more] = text.split(' ');
  const isWhole = [a, b, length].every((part) => /^(0x[0-9a-f]{1,16}|\d{1,15})$/i.test(part ?? ''));
  if (more.length > 0 || !isWhole || (kind !== 'virtual' && kind !== 'frame'))
    throw new UsageError(`dataId: '${text.slice(0, 80)}' is none that this adapter has given`);
  return kind === 'virtual'
    ? { kind, pid: Number(a), address: BigInt(b), length: Number(length) }
    : { kind, pfn: Number(a), offset: Number(b), length: Number(length) };
}
