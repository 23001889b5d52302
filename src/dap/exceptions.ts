/** What a client calls exceptions: what the kernel tells that one can stop at. Each filter is a catchpoint of the engine. */
import type { DebugProtocol } from '@vscode/debugprotocol';
import { signalName } from '../abi/signal.ts';
import { UsageError } from '../base/invariant.ts';
import type { Session } from '../debug/commands/session.ts';
import { type CatchWhat, QUIET_SIGNALS } from '../debug/stops.ts';
import type { Arguments } from './arguments.ts';

const MOST_SIGNALS = 64;
const ALL_SIGNALS = Array.from({ length: MOST_SIGNALS }, (_, i) => signalName(i + 1));

interface Filter {
  readonly label: string;
  readonly description: string;
  /** Undefined: signals, at which the engine stops by itself. */
  readonly what: ((names: readonly string[] | undefined) => CatchWhat) | undefined;
  /** What a condition is: names with commas between. */
  readonly names?: string;
}

const fault = (cause: Extract<CatchWhat, { kind: 'fault' }>['cause'], label: string, description: string): Filter => ({
  label,
  description,
  what: () => ({ kind: 'fault', cause }),
});

const FILTERS: Readonly<Record<string, Filter>> = {
  signal: { label: 'Signals', description: 'Stops before a signal is delivered, but for those that programs use in passing.', what: undefined },
  'demand-zero': fault('demand zero', 'Page fault: demand zero', 'A first write, or first touch of shared memory: a new frame.'),
  'zero-page': fault('zero page', 'Page fault: zero page', 'A read of memory that nobody has written: the frame of zeros.'),
  'copy-on-write': fault('copy-on-write break', 'Page fault: copy-on-write break', 'A write to a private page that others use, too.'),
  'file-page': fault('file page', 'Page fault: file page', "A first touch of a file's page."),
  'shared-page': fault('shared page', 'Page fault: shared page', 'A first touch of a page that another mapping has touched.'),
  protection: fault('protection', 'Page fault: protection', 'An access that no area allows: SIGSEGV or SIGBUS.'),
  fork: { label: 'Fork', description: 'A process has forked.', what: () => ({ kind: 'fork' }) },
  vfork: { label: 'Vfork', description: 'A process has made another one that runs on its page table.', what: () => ({ kind: 'vfork' }) },
  exec: { label: 'Exec', description: 'A process executes another program.', what: () => ({ kind: 'exec' }) },
  exit: { label: 'Exit', description: 'A thread or process ends.', what: () => ({ kind: 'exit' }) },
  mapping: { label: 'Mappings', description: 'A call has changed the address space.', what: () => ({ kind: 'mapping' }) },
  syscall: {
    label: 'System calls',
    description: 'Before and after a call. The condition names calls: write, mmap.',
    what: (names) => ({ kind: 'syscall', names }),
    names: 'write, mmap',
  },
}; // biome-ignore format: a table

export const EXCEPTION_FILTERS: DebugProtocol.ExceptionBreakpointsFilter[] = Object.entries(FILTERS).map(
  ([filter, { label, description, what, names }]) => ({
    filter,
    label,
    description,
    default: what === undefined,
    ...(names !== undefined && { supportsCondition: true, conditionDescription: names }),
  }),
);

/** In place of those that were set: `points` are the engine's numbers of them. */
export function setExceptionFilters(session: Session, points: number[], given: Arguments): void {
  const { engine } = session;
  const chosen = [
    ...(given.findTexts('filters') ?? []).map((filter) => ({ filter, condition: undefined as string | undefined })),
    ...(given.findObjects('filterOptions') ?? []).map((option) => ({
      filter: option.getText('filterId'),
      condition: option.findText('condition'),
    })),
  ];
  for (const { filter } of chosen)
    if (!Object.hasOwn(FILTERS, filter)) throw new UsageError(`there is no filter '${filter}'`);
  for (const id of points.splice(0)) engine.removeStopPoint(id);
  engine.quietSignals.clear();
  for (const name of chosen.some(({ filter }) => filter === 'signal') ? QUIET_SIGNALS : ALL_SIGNALS)
    engine.quietSignals.add(name);
  for (const { filter, condition } of chosen) {
    const { what, label } = FILTERS[filter];
    const names = condition?.split(/[\s,]+/).filter((name) => name !== '');
    const options = { label, condition: { text: '', isTrue: session.isFollowed.bind(session) } };
    if (what !== undefined) points.push(engine.addCatchpoint(what(names?.length ? names : undefined), options).id);
  }
}
