/**
 * What may stand where the cursor is: commands, symbols, registers, source files, by what the command wants there. Pure: a
 * line and a session in, candidates out; it runs nothing.
 */

import { REGISTER_NAMES } from '../expression/registers.ts';
import { modulesOf } from '../inspect/modules.ts';
import type { CompletionKind } from './define.ts';
import { COMMANDS } from './index.ts';
import type { Session } from './session.ts';

export interface Completion {
  /** Where in the line the word begins that the candidates stand for. */
  readonly start: number;
  readonly candidates: readonly string[];
}

/** A list longer than that helps nobody. */
const MOST = 200;

/** `line` up to the cursor. */
export function complete(line: string, session: Session): Completion {
  const names = COMMANDS.complete(line);
  const wordStart = line.length - /[\w-]*$/.exec(line)![0].length;
  if (names.length > 0) return { start: wordStart, candidates: names };
  const found = COMMANDS.tryFind(line);
  if (found === undefined) return { start: line.length, candidates: [] };
  return completeArgument(line, found.command.params.completes, session);
}

function completeArgument(line: string, kind: CompletionKind, session: Session): Completion {
  if (kind === 'nothing') return { start: line.length, candidates: [] };
  const word = /[\w$.:/@-]*$/.exec(line)![0];
  const start = line.length - word.length;
  if (typeof kind !== 'string') return { start, candidates: pick(kind, word) };
  if (kind === 'command')
    return {
      start,
      candidates: pick(
        COMMANDS.all.map(({ name }) => name),
        word,
      ),
    };
  if (word.startsWith('$')) {
    const names = [...REGISTER_NAMES, ...session.variables.keys()].map((name) => `$${name}`);
    return { start, candidates: pick(names, word) };
  }
  if (kind === 'register') return { start, candidates: pick(REGISTER_NAMES, word) };
  const fileLine = kind === 'location' ? /^(.+):\d*$/.exec(word) : null;
  if (fileLine !== null) return { start, candidates: pick(linesOf(fileLine[1], session), word) };
  const files = kind === 'location' ? session.sources.files(session.engine.task).map((file) => `${file}:`) : [];
  return { start, candidates: pick([...symbolNames(session), ...files], word) };
}

/** Lines of a file that have code: `demo.asm:21`, ... */
function linesOf(name: string, { engine: { task }, sources }: Session): string[] {
  const found = task && sources.find(task, name);
  return found === undefined ? [] : found.module.file.lines.linesOf(found.file).map((line) => `${name}:${line}`);
}

function symbolNames({ engine: { task } }: Session): string[] {
  if (task === undefined) return [];
  return modulesOf(task).flatMap(({ file }) => file.symbols.all().map(({ name }) => name));
}

const pick = (names: readonly string[], word: string): string[] =>
  [...new Set(names.filter((name) => name.startsWith(word)))].sort().slice(0, MOST);

/** The longest beginning that all candidates have in common: what one Tab adds. */
export function commonPrefix(candidates: readonly string[]): string {
  const [first = '', ...rest] = candidates;
  let length = first.length;
  for (const other of rest) while (!other.startsWith(first.slice(0, length))) length--;
  return first.slice(0, length);
}
