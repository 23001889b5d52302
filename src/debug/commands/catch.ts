/** catch, tcatch: stops at system calls, forks, execs, signals, ends of processes and page faults by their cause. */

import { SIGNAL_MAX, signalName } from '../../abi/signal.ts';
import { UsageError } from '../../base/invariant.ts';
import { findSyscall, supportedSyscalls } from '../../kernel/syscalls/table.ts';
import type { CatchWhat } from '../stops.ts';
import { command } from './define.ts';
import { type Output, say } from './output.ts';
import { text } from './params.ts';
import type { Session } from './session.ts';

export const CATCH_KINDS = ['syscall', 'fork', 'vfork', 'exec', 'signal', 'exit', 'fault'] as const;
export type CatchKind = (typeof CATCH_KINDS)[number];
/** The engine's causes, as words without blanks. */
const FAULT_CAUSES = {
  'demand-zero': 'demand zero',
  'zero-page': 'zero page',
  file: 'file page',
  shared: 'shared page',
  'copy-on-write': 'copy-on-write break',
  protection: 'protection',
} as const;
type CauseWord = keyof typeof FAULT_CAUSES;
const CAUSE_WORDS = Object.keys(FAULT_CAUSES) as CauseWord[];

const catching = (name: 'catch' | 'tcatch', temporary: boolean) =>
  command({
    name,
    group: 'stops',
    params: text('event to catch', CATCH_KINDS),
    usage: 'syscall [NAME]... | fork | vfork | exec | exit | signal [NAME]... | fault [CAUSE]',
    help: `Stop at an event${temporary ? ', once' : ''}. CAUSE of a page fault: ${CAUSE_WORDS.join(', ')}.`,
    run: (session, { text: given }) => addCatchpoint(session, given, temporary),
  });

export const catchEvent = catching('catch', false);
export const tcatch = catching('tcatch', true);

function addCatchpoint(session: Session, given: string, temporary: boolean): Output[] {
  const [word, ...names] = given.trim().split(/\s+/);
  const kinds = CATCH_KINDS.filter((kind) => kind === word || kind.startsWith(word));
  const kind = kinds.find((one) => one === word) ?? (kinds.length === 1 ? kinds[0] : undefined);
  if (kind === undefined) throw new UsageError(`Undefined catch command: "${word}".  Try "help catch".`);
  if (names.length > 0 && !['syscall', 'signal', 'fault'].includes(kind))
    throw new UsageError(`Junk at end of arguments: ${names.join(' ')}`);
  const { what, title, label } = wishOf(kind, names);
  const number = session.stops.addCatchpoint(session, what, label, temporary);
  return [say(`${temporary ? 'Temporary catchpoint' : 'Catchpoint'} ${number} (${title})`)];
}

/** For the engine; `title` and `label` are what gdb says of it, when it is made and in lists. */
function wishOf(kind: CatchKind, given: readonly string[]): { what: CatchWhat; title: string; label: string } {
  const isAny = given.length === 0;
  switch (kind) {
    case 'syscall': {
      const calls = given.map(syscallOf);
      const names = isAny ? undefined : calls.map(({ name }) => name);
      const shown = calls.map(({ name, number }) => `'${name}' [${number}]`);
      const title = isAny ? 'any syscall' : `syscall${shown.length === 1 ? '' : 's'} ${shown.join(' ')}`;
      return { what: { kind, names }, title, label: `syscall "${names?.join(', ') ?? '<any syscall>'}"` };
    }
    case 'signal': {
      const names = isAny ? undefined : given.map(signalOf);
      return {
        what: { kind, names },
        title: isAny ? 'any signal' : `signal${given.length === 1 ? '' : 's'} ${names!.join(' ')}`,
        label: `signal "${names?.join(' ') ?? '<any signal>'}"`,
      };
    }
    case 'fault': {
      const cause = isAny ? undefined : FAULT_CAUSES[causeOf(given.join('-'))];
      const title = `page fault: ${cause ?? 'any cause'}`;
      return { what: { kind, cause }, title, label: title };
    }
    default:
      return { what: { kind }, title: kind, label: kind };
  }
}

function syscallOf(given: string): { name: string; number: number } {
  const found = /^\d+$/.test(given)
    ? findSyscall(Number(given))
    : supportedSyscalls().find(({ name }) => name === given);
  if (found === undefined) throw new UsageError(`Unknown syscall name '${given}'.`);
  return { name: found.name, number: found.number };
}

/** `SIGUSR1`, `usr1`, or a number from 1 to 64. */
export function signalOf(given: string): string {
  for (let number = 1; number <= SIGNAL_MAX; number++)
    if ([signalName(number), signalName(number).slice(3), String(number)].includes(given.toUpperCase()))
      return signalName(number);
  throw new UsageError('Only signals 1-64 and their names are known.');
}

function causeOf(given: string): CauseWord {
  const found = CAUSE_WORDS.filter((cause) => cause.startsWith(given));
  if (found.length === 1) return found[0];
  throw new UsageError(`A page fault's cause is one of ${CAUSE_WORDS.join(', ')}; not ${given}.`);
}
