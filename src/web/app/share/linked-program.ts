/** The program that a link means: one of the page's, the one that `pml4 serve` was given, or the one that it carries. */
import { UsageError } from '../../../base/invariant.ts';
import { DESCRIPTION_PATH, type GivenProgram, PROGRAM_PATH } from '../../given-program.ts';
import { fileName, SOURCE_DIRECTORY } from '../../model/file-name.ts';
import type { ProgramSpec } from '../../protocol.ts';
import { catalogue, programSpec, sourceText } from '../catalogue.ts';
import { sourceTexts } from '../source-texts.ts';
import type { LinkedProgram } from './link.ts';
import { noteOrigin, noteSource } from './origin.ts';
import { unpack } from './packing.ts';

/** UsageError: there is none. */
export async function loadLinked(program: Exclude<LinkedProgram, { kind: 'lesson' }>): Promise<ProgramSpec> {
  switch (program.kind) {
    case 'program':
      return await loadOwn(program.name);
    case 'given':
      return await loadGiven(program);
    case 'elf':
      return await loadCarried(program);
  }
}

async function loadOwn(name: string): Promise<ProgramSpec> {
  const entry = (await catalogue()).find((one) => one.name === name);
  if (entry === undefined) throw new UsageError(`the link is for '${name}', which is no program of this page`);
  return await programSpec(entry);
}

async function loadGiven(linked: LinkedProgram): Promise<ProgramSpec> {
  const [description, file] = await Promise.all([beside(DESCRIPTION_PATH), beside(PROGRAM_PATH)]);
  if (!description.ok || !file.ok)
    throw new UsageError(`the link is for '${linked.name}', a program that this page's server does not have`);
  const { name, path, sources, ...usual }: GivenProgram = await description.json();
  if (name !== linked.name)
    throw new UsageError(`the link is for '${linked.name}', and this page's server has '${name}'`);
  const program = new Uint8Array(await file.arrayBuffer());
  noteOrigin(program, { program: linked, usual });
  giveSources(sources);
  return { path, program, ...usual };
}

const beside = (path: string): Promise<Response> => fetch(new URL(path, document.baseURI), { cache: 'no-store' });

async function loadCarried(linked: LinkedProgram & { kind: 'elf' }): Promise<ProgramSpec> {
  const program = await unpack(linked.packed);
  noteOrigin(program, { program: linked, usual: {} });
  if (linked.source !== undefined) {
    const text = new TextDecoder().decode(await unpack(linked.source.packed));
    const name = fileName(linked.source.name);
    noteSource(program, { name, text });
    giveSources({ ...(await includes()), [name]: text }, SOURCE_DIRECTORY);
  }
  return { path: linked.name, program };
}

/** What a source of the page's editor may include. */
async function includes(): Promise<Record<string, string>> {
  const paths = new Set((await catalogue()).flatMap(({ sources }) => sources.slice(1)));
  return Object.fromEntries(await Promise.all([...paths].map(async (path) => [path, await sourceText(path)] as const)));
}

/** By the names that line tables have; where a program was made in the page, they are below a directory. */
function giveSources(sources: Readonly<Record<string, string>>, directory?: string): void {
  for (const [path, text] of Object.entries(sources))
    sourceTexts.put(directory === undefined ? path : `${directory}/${path}`, text);
}
