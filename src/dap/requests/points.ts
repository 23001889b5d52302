/** Requests about where to stop. */
import { UsageError } from '../../base/invariant.ts';
import { evaluate } from '../../debug/expression/evaluate.ts';
import { findRegister } from '../../debug/expression/registers.ts';
import { sizeOf } from '../../debug/expression/types.ts';
import { asInteger } from '../../debug/expression/values.ts';
import type { WatchedPlace, Watchpoint } from '../../debug/stops.ts';
import type { Adapter } from '../adapter.ts';
import { type Arguments, parseAddress } from '../arguments.ts';
import { describePlace, findLine, parseDataId, type Wish, writeDataId } from '../breakpoints.ts';
import { setExceptionFilters } from '../exceptions.ts';
import { between, standing } from './define.ts';

type Asked = { wish: Wish; given: Arguments };

const ACCESS: Readonly<Record<string, Watchpoint['access']>> = { read: 'read', write: 'write', readWrite: 'access' };
const MOST_WATCHED_BYTES = 1 << 20;

function sourceWishes(adapter: Adapter, given: Arguments): { group: string; wishes: Asked[] } {
  const source = given.getObject('source');
  const reference = source.findNumber('sourceReference') ?? 0;
  const lines = given.findObjects('breakpoints') ?? [];
  if (reference > 0)
    return {
      group: `listing ${reference}`,
      wishes: lines.map((one) => {
        const address = adapter.open.sources.addressOf(reference, adapter.ownLine(one.getNumber('line')));
        if (address === undefined) throw new UsageError(`the listing has no line ${one.getNumber('line')}`);
        return { wish: { kind: 'instruction', address }, given: one };
      }),
    };
  const path = source.findText('path') ?? source.getText('name');
  return {
    group: `source ${path}`,
    wishes: lines.map((one) => ({
      wish: { kind: 'line', path, line: adapter.ownLine(one.getNumber('line')) },
      given: one,
    })),
  };
}

/** Lines that the client sees are counted as it counts. */
function set(adapter: Adapter, group: string, wishes: readonly Asked[]): object {
  const set = adapter.open.breakpoints.set(group, wishes);
  return { breakpoints: set.map((one) => (one.line === undefined ? one : { ...one, line: adapter.line(one.line) })) };
}

const NOTHING_TO_WATCH = (description: string) => ({ dataId: null, description });

/** A register's or an expression's place in memory, a frame of the machine, or an address. */
function dataOf(adapter: Adapter, given: Arguments): { place: WatchedPlace; name: string } | string {
  const { session } = adapter.open;
  const name = given.getText('name').trim();
  const bytes = given.findNumber('bytes');
  const frame = /^frame (0x[0-9a-f]+|\d+)(?:\s*\+\s*(0x[0-9a-f]+|\d+))?$/i.exec(name);
  if (frame !== null) {
    const paddr = Number(frame[1]);
    const place = {
      kind: 'frame',
      pfn: Math.floor(paddr / 4096),
      offset: (paddr % 4096) + Number(frame[2] ?? 0),
      length: bytes ?? 8,
    } as const;
    return place.offset + place.length > 4096 ? 'that goes beyond the frame' : { place, name };
  }
  const handle = given.findNumber('frameId');
  const tid = handle === undefined ? undefined : adapter.frames.find(handle)?.tid;
  const task = tid === undefined ? session.engine.task : session.engine.machine.kernel.findTask(tid);
  if (task === undefined) return 'there is no process';
  if (given.findFlag('asAddress') === true)
    return { place: { kind: 'virtual', pid: task.pid, address: parseAddress(name, 'name'), length: bytes ?? 8 }, name };
  try {
    const scope = session.scope(task);
    // A register of the variables view: what it points to.
    const isRegister = findRegister(name) !== undefined && scope.findSymbol(name) === undefined;
    const value = evaluate(isRegister ? `$${name}` : name, scope);
    const address = value.address ?? asInteger(value);
    const length = bytes ?? (value.address === undefined ? 8 : Math.max(1, sizeOf(value.type)));
    return { place: { kind: 'virtual', pid: task.pid, address: BigInt.asUintN(64, address), length }, name };
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return error.message;
  }
}

export const POINT_REQUESTS = [
  between('setBreakpoints', (adapter, given) => {
    const { group, wishes } = sourceWishes(adapter, given);
    return set(adapter, group, wishes);
  }),
  between('setFunctionBreakpoints', (adapter, given) =>
    set(
      adapter,
      'functions',
      (given.findObjects('breakpoints') ?? []).map((one) => ({
        wish: { kind: 'function', name: one.getText('name') },
        given: one,
      })),
    ),
  ),
  between('setInstructionBreakpoints', (adapter, given) =>
    set(
      adapter,
      'instructions',
      (given.findObjects('breakpoints') ?? []).map((one) => {
        const address = one.getAddress('instructionReference') + BigInt(one.findNumber('offset') ?? 0);
        return { wish: { kind: 'instruction', address }, given: one };
      }),
    ),
  ),
  standing('dataBreakpointInfo', (adapter, given) => {
    const found = dataOf(adapter, given);
    if (typeof found === 'string') return NOTHING_TO_WATCH(found);
    const { place, name } = found;
    if (!(place.length > 0 && place.length <= MOST_WATCHED_BYTES)) return NOTHING_TO_WATCH('too many bytes, or none');
    return {
      dataId: writeDataId(place),
      description: `${name}: ${describePlace(place)}`,
      accessTypes: ['read', 'write', 'readWrite'],
      canPersist: false,
    };
  }),
  between('setDataBreakpoints', (adapter, given) =>
    set(
      adapter,
      'data',
      (given.findObjects('breakpoints') ?? []).map((one) => {
        const dataId = one.getText('dataId');
        const access = ACCESS[one.findText('accessType') ?? 'write'];
        if (access === undefined) throw new UsageError(`accessType must be one of ${Object.keys(ACCESS).join(', ')}`);
        return { wish: { kind: 'data', place: parseDataId(dataId), access }, given: one };
      }),
    ),
  ),
  between('setExceptionBreakpoints', (adapter, given) => {
    const { session, catchpoints } = adapter.open;
    setExceptionFilters(session, catchpoints, given);
    adapter.exceptionArguments = given;
    return undefined;
  }),
  standing('breakpointLocations', (adapter, given) => {
    const { session } = adapter.open;
    const { task } = session.engine;
    const path = given.getObject('source').findText('path');
    const first = adapter.ownLine(given.getNumber('line'));
    const last = Math.min(adapter.ownLine(given.findNumber('endLine') ?? given.getNumber('line')), first + 1000);
    const lines = new Set<number>();
    for (let line = first; task !== undefined && path !== undefined && line <= last; line++)
      if (findLine(task, path, line)?.line === line) lines.add(line);
    return { breakpoints: [...lines].map((line) => ({ line: adapter.line(line) })) };
  }),
  standing('exceptionInfo', (adapter) => {
    const reason = adapter.lastStop?.reason;
    if (reason?.kind !== 'signal' && reason?.kind !== 'catchpoint')
      throw new UsageError('the program has not stopped at an exception');
    const { detail, text } = reason.event;
    return {
      exceptionId:
        detail.kind === 'signal' ? detail.name : reason.kind === 'catchpoint' ? reason.catchpoint.label : detail.kind,
      description: text,
      breakMode: 'always',
      details: { message: text, typeName: detail.kind },
    };
  }),
];
