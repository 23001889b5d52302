/**
 * Source texts of the program that is open, by the names that its line tables use: those that came with the program (from
 * the editor, or a server), or those of the page's own programs.
 */
import type { ProgramSpec } from '../protocol.ts';
import { catalogue, sourceText } from './catalogue.ts';

const HANDED_OVER = new WeakMap<Uint8Array, Readonly<Record<string, string>>>();

/** Says what a program was made of: text by file name. It holds for every run of the same bytes. */
export function handOverSources(program: Uint8Array, sources: Readonly<Record<string, string>>): void {
  HANDED_OVER.set(program, sources);
}

/** The text of a file, as a line table names it; undefined: it is not at hand. */
export async function findSource({ program }: Pick<ProgramSpec, 'program'>, file: string): Promise<string | undefined> {
  const own = HANDED_OVER.get(program);
  if (own !== undefined) return own[nameIn(Object.keys(own), file) ?? ''];
  const paths = (await catalogue()).flatMap(({ sources }) => sources);
  const path = nameIn(paths, file);
  return path === undefined ? undefined : await sourceText(path);
}

/** The one of several names that a path ends in, the longest if there are more. */
function nameIn(names: readonly string[], path: string): string | undefined {
  return names
    .filter((name) => path === name || path.endsWith(`/${name}`))
    .sort((a, b) => b.length - a.length)
    .at(0);
}
