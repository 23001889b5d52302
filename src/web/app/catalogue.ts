/** The programs that come with the page, and their sources: files beside it. */
import type { CatalogueEntry } from '../catalogue-entry.ts';
import type { ProgramSpec } from '../protocol.ts';
import { noteOrigin } from './share/origin.ts';

export type { CatalogueEntry } from '../catalogue-entry.ts';

let list: Promise<readonly CatalogueEntry[]> | undefined;

export const catalogue = (): Promise<readonly CatalogueEntry[]> =>
  (list ??= load('programs.json').then((response) => response.json()));

/** A program of the page, ready to be opened; `more` is what a lesson or a link says besides. */
export async function programSpec(
  { name, args }: CatalogueEntry,
  more: Partial<ProgramSpec> = {},
): Promise<ProgramSpec> {
  const program = new Uint8Array(await (await load(`programs/${name}`)).arrayBuffer());
  noteOrigin(program, { program: { kind: 'program', name }, usual: { args } });
  return { path: name, program, args, ...more };
}

/** A source file of a program of the page, by its path below asm/. */
export const sourceText = async (path: string): Promise<string> => (await load(`sources/${path}`)).text();

async function load(path: string): Promise<Response> {
  const response = await fetch(new URL(path, document.baseURI));
  if (!response.ok) throw new Error(`${path}: ${response.status} ${response.statusText}`);
  return response;
}
