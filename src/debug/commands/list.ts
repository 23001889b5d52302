/** list: lines of the source, ten at a time, around where the thread stands, a line or a symbol. */
import { UsageError } from '../../base/invariant.ts';
import { command } from './define.ts';
import { resolveLocation } from './locations.ts';
import type { Output } from './output.ts';
import { text } from './params.ts';
import { selectedPlace } from './places.ts';
import type { Session } from './session.ts';

const LINES = 10;

export const list = command({
  name: 'list',
  aliases: ['l'],
  group: 'code',
  params: text(undefined, 'location'),
  usage: '[LOCATION | FIRST,LAST | -]',
  help: 'List ten lines of the source: around a location, or where the thread stands, then the next ones; - the ones before.',
  repeats: 'bare',
  run(session, { text: given }) {
    if (given === '') return [goOn(session)];
    if (given === '-') return [goBack(session)];
    const range = /^(\d+)\s*,\s*(\d+)$/.exec(given);
    if (range !== null) {
      const file = session.listed?.file ?? session.sources.currentFile(session, session.task);
      if (file === undefined) throw noSource();
      return [show(session, file, Number(range[1]), Number(range[2]))];
    }
    const { file, line } = sourceOf(session, given);
    return [show(session, file, line - 5, line + 4)];
  },
});

const noSource = (): UsageError => new UsageError('No symbol table is loaded.  Use the "file" command.');

function sourceOf(session: Session, given: string): { file: string; line: number } {
  const location = resolveLocation(session, given, false);
  if (location.file !== undefined && location.line !== undefined) return { file: location.file, line: location.line };
  const place = session.sources.placeOf(session.task, location.address, false);
  if (place === undefined) throw new UsageError(`No line number known for ${given}.`);
  return { file: place.path, line: place.line };
}

function goOn(session: Session): Output {
  const { listed } = session;
  if (listed !== undefined) return show(session, listed.file, listed.last + 1, listed.last + LINES);
  const { source } = selectedPlace(session);
  if (source === undefined) throw noSource();
  return show(session, source.path, source.line - 5, source.line + 4);
}

function goBack(session: Session): Output {
  const { listed } = session;
  if (listed === undefined) return goOn(session);
  if (listed.first <= 1) throw new UsageError(`Already at the start of ${listed.file}.`);
  return show(session, listed.file, listed.first - LINES, listed.first - 1);
}

function show(session: Session, file: string, from: number, to: number): Output {
  const lines = session.sources.lines(session.task, file);
  if (lines === undefined) throw new UsageError(`${file}: the source file is not at hand.`);
  const first = Math.max(1, from);
  const last = Math.min(lines.length, Math.max(to, first + (from < 1 && to >= from + LINES - 1 ? LINES - 1 : 0)));
  if (first > lines.length)
    throw new UsageError(`Line number ${first} out of range; "${file}" has ${lines.length} lines.`);
  session.listed = { file, first, last };
  return {
    kind: 'source',
    lines: lines.slice(first - 1, last).map((line, i) => ({ number: first + i, text: line })),
  };
}
