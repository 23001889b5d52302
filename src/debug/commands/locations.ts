/**
 * Places in code as commands name them: `*EXPRESSION`, `FILE:LINE`, `LINE`, `SYMBOL`, `SYMBOL+N`; nothing is where the
 * thread stands. gdb's words for what is not there.
 */
import { UsageError } from '../../base/invariant.ts';
import { evaluate, evaluateAddress } from '../expression/evaluate.ts';
import { asInteger } from '../expression/values.ts';
import { breakAtLine, breakAtSymbol, findSymbol, sourceFilesOf } from '../inspect/modules.ts';
import { ripOf } from './places.ts';
import type { Session } from './session.ts';

export interface Location {
  readonly address: bigint;
  /** A line's code may be entered at several. */
  readonly others: readonly bigint[];
  /** The place in the source that was asked for, where it was one. */
  readonly file: string | undefined;
  readonly line: number | undefined;
}

/** `skipsPrologue`: a function's name means where its frame is set up, as breakpoints have it. */
export function resolveLocation(session: Session, given: string, skipsPrologue: boolean): Location {
  const text = given.trim();
  const { task } = session;
  const plain = (address: bigint): Location => ({ address, others: [], file: undefined, line: undefined });
  if (text === '') return plain(session.frame?.rip ?? ripOf(task));
  if (text.startsWith('*')) return plain(evaluateAddress(text.slice(1), session.scope()));
  const fileLine = /^(.+):(\d+)$/.exec(text);
  if (fileLine !== null) return lineLocation(session, fileLine[1], Number(fileLine[2]));
  if (/^\d+$/.test(text)) {
    const file = session.sources.currentFile(session, task);
    if (file === undefined) throw new UsageError('No symbol table is loaded.  Use the "file" command.');
    return lineLocation(session, file, Number(text));
  }
  const [, name, offset] = /^([^+]+?)\s*(?:\+\s*(.+))?$/s.exec(text) ?? [];
  const symbol = name === undefined ? undefined : findSymbol(task, name.replaceAll("'", ''));
  if (symbol === undefined) throw new UsageError(`Function "${text}" not defined.`);
  if (offset !== undefined) return plain(symbol.address + asInteger(evaluate(offset, session.scope())));
  if (!skipsPrologue) return plain(symbol.address);
  return plain(breakAtSymbol(symbol));
}

function lineLocation(session: Session, file: string, line: number): Location {
  const source = session.sources.find(session.task, file)?.file;
  if (source === undefined && sourceFilesOf(session.task).length === 0)
    throw new UsageError('No symbol table is loaded.  Use the "file" command.');
  if (source === undefined) throw new UsageError(`No source file named ${file}.`);
  const found = breakAtLine(session.task, file, line);
  if (found === undefined) throw new UsageError(`No line ${line} in file "${source.name}".`);
  const [address, ...others] = found.addresses;
  return { address, others, file: found.file.path, line: found.line };
}
