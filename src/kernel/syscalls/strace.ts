/**
 * A call as strace(1) prints it, from its record. Arguments that the call fills in are printed after it, so a call has
 * two halves: `wait4(-1, ` and `NULL, 0, NULL)`; a call that sleeps is shown in two lines that way.
 */
import type { Errno } from '../../abi/errno.ts';
import { siginfoBytes } from '../../abi/siginfo.ts';
import { type SignalInfo, signalName } from '../../abi/signal.ts';
import type { Ending } from '../../abi/wait.ts';
import { hex } from '../../base/ints.ts';
import { siginfoText } from './args/signals.ts';
import { LIST_ITEMS, pointer, quoted } from './args/text.ts';
import type { CallView, Syscall } from './define.ts';

/** Column at which strace(1) puts `=`. */
const RESULT_COLUMN = 40;

/** `name(`, and the arguments up to the first that the call fills in. */
export function entryText(call: CallView): string {
  const { first, count } = shownArguments(call);
  return `${call.record.name}(${argsBetween(call, 0, first)}${first > 0 && first < count ? ', ' : ''}`;
}

/** What follows: the remaining arguments, and `)`. */
export function exitText(call: CallView): string {
  const { argsTextAfter } = call.record;
  // A thread that has ended in it has stored nothing.
  const isLeft = argsTextAfter !== undefined || call.record.args.some(([, kind]) => kind.filled);
  if (call.result === undefined && isLeft) return ' <unfinished ...>)';
  if (argsTextAfter !== undefined) return `${argsTextAfter(call.args, call)})`;
  const { first, count } = shownArguments(call);
  return `${first < count ? argsBetween(hasFailed(call) ? { ...call, peek: nothing, peekGiven: call.peek } : call, first, count) : ''})`;
}

/** Of a call that has failed strace(1) looks at no memory any more (`umove_or_printaddr`). */
const nothing = (): undefined => undefined;
const hasFailed = ({ result }: CallView): boolean => result !== undefined && result < 0n;

/** How many arguments are printed, and which of them is the first that is not printed before the call has run. */
function shownArguments({ record, args }: CallView): { first: number; count: number } {
  const count = record.argCount?.(args) ?? record.args.length;
  const first = record.args.findIndex(([, kind]) => kind.filled);
  return { first: first < 0 ? count : Math.min(first, count), count };
}

/** `= 0`, `= 0x7ffff7ffe000`, `= -1 EBADF (Bad file descriptor)`, `= ?`. */
export function resultText(
  record: Pick<Syscall, 'result' | 'resultNote'>,
  result: bigint | undefined,
  error: Errno | undefined,
  call?: CallView,
): string {
  if (error !== undefined) return `= ${error.number >= 512 ? '?' : '-1'} ${error.name} (${error.text})`;
  if (result === undefined) return '= ?';
  const note = call && record.resultNote?.(call.args, result, call);
  if (note !== undefined) return `= ${note}`;
  return `= ${record.result === 'address' ? pointer(result) : result}`.replace('NULL', '0');
}

/** Puts the result behind a call, at the column where strace(1) has it. `call` is the line so far, with any `[pid N]`. */
export const joinResult = (call: string, result: string): string => `${`${call} `.padEnd(RESULT_COLUMN)}${result}`;

/** A whole call in one line. */
export const callText = (call: CallView, error: Errno | undefined): string =>
  joinResult(entryText(call) + exitText(call), resultText(call.record, call.result, error, call));

/** `syscall_0x270f(0x1, ...)`: a number that Linux does not know, with all six registers; or the name of one that it does. */
export function unknownCallText(number: number, name: string | undefined, registers: readonly bigint[]): string {
  const text = registers.map((value) => (value === 0n ? '0' : hex(value))).join(', ');
  return `${name ?? `syscall_${hex(number)}`}(${text})`;
}

/** `execve("./demo", ["./demo"], 0x7ffe... /* 1 var *\/) = 0`. */
export function execText(path: string, args: readonly string[], envp: bigint, envCount: number): string {
  const list = args.slice(0, LIST_ITEMS).map((arg) => quoted(encoder.encode(arg)));
  if (args.length > LIST_ITEMS) list.push('...');
  const vars = `/* ${envCount} var${envCount === 1 ? '' : 's'} */`;
  return joinResult(
    `execve(${quoted(encoder.encode(path), Infinity)}, [${list.join(', ')}], ${hex(envp)} ${vars})`,
    '= 0',
  );
}
const encoder = new TextEncoder();

/** `--- SIGSEGV {si_signo=SIGSEGV, si_code=SEGV_MAPERR, si_addr=NULL} ---`. */
export const signalText = (info: SignalInfo): string =>
  `--- ${signalName(info.signal)} ${siginfoText(siginfoBytes(info))} ---`;

/** `--- stopped by SIGSTOP ---`. */
export const stopText = (signal: number): string => `--- stopped by ${signalName(signal)} ---`;

/** `+++ exited with 1 +++`, `+++ killed by SIGSEGV +++`. */
export const endingText = (ending: Ending): string =>
  ending.kind === 'exited' ? `+++ exited with ${ending.status} +++` : `+++ killed by ${signalName(ending.signal)} +++`;

function argsBetween(call: CallView, from: number, to: number): string {
  const { record, args } = call;
  if (record.argsText !== undefined) return record.argsText(args, call);
  const texts: string[] = [];
  for (let i = from; i < to; i++) {
    const [name, kind] = record.args[i];
    const following = record.args[i + 1];
    const next = following === undefined ? 0n : BigInt(args[following[0]]);
    const text = kind.print(args[name] as never, call, next);
    if (text !== undefined) texts.push(text);
  }
  return texts.join(', ');
}
