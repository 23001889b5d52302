/**
 * Files that the user hands to the page, dropped on it or chosen: a source goes to the editor, a program is offered with
 * what it needs besides, and what cannot be run is told why. Several at once are the program and files beside it.
 */
import { type Signal, signal } from '@preact/signals';
import { neededLibraries } from '../../../elf/needed.ts';
import { type AssemblerPack, MANIFEST, type PackedFile, unpack } from '../../model/assembler-pack.ts';
import { checkFile, MOST_BYTES } from '../../model/program-check.ts';
import type { GivenFile } from '../../protocol.ts';
import { openInEditor } from '../editor/editor-request.ts';

export type Offer =
  | { readonly kind: 'reading'; readonly name: string }
  | { readonly kind: 'refused'; readonly name: string; readonly why: string; readonly advice: string }
  | {
      readonly kind: 'program';
      readonly name: string;
      readonly bytes: Uint8Array;
      /** What it is. */
      readonly text: string;
      /** By path in the guest: files that came with it, and libraries. */
      readonly files: Readonly<Record<string, GivenFile>>;
      /** Of those, the libraries of the machine that built the page. */
      readonly borrowed: readonly string[];
    };

interface Named {
  readonly name: string;
  readonly bytes: Uint8Array;
}

export const offer: Signal<Offer | undefined> = signal(undefined);

export async function takeFiles(files: readonly File[]): Promise<void> {
  if (files.length === 0) return;
  offer.value = { kind: 'reading', name: files[0].name };
  try {
    offer.value = await offerOf(files);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    offer.value = { kind: 'refused', name: files[0].name, why, advice: 'Try it again.' };
  }
}

async function offerOf(files: readonly File[]): Promise<Offer | undefined> {
  const large = files.find(({ size }) => size > MOST_BYTES);
  const read = await Promise.all(
    (large === undefined ? files : []).map(
      async (file): Promise<Named> => ({ name: file.name, bytes: new Uint8Array(await file.arrayBuffer()) }),
    ),
  );
  const checks = await Promise.all(read.map(async (file) => ({ file, check: await checkFile(file.name, file.bytes) })));
  const main = checks.find(({ check }) => check.kind === 'program');
  if (main?.check.kind === 'program') {
    const others = read.filter((file) => file !== main.file);
    return await offerProgram(main.file, main.check, others);
  }
  const source = checks.find(({ check }) => check.kind === 'source');
  if (source !== undefined) {
    openInEditor({ name: source.file.name, text: new TextDecoder().decode(source.file.bytes) });
    return undefined;
  }
  const name = large?.name ?? files[0].name;
  const check = checks[0]?.check;
  if (check?.kind === 'refused') return { ...check, name };
  if (check?.kind === 'library')
    return {
      kind: 'refused',
      name,
      why: 'a shared library',
      advice: 'Drop it together with the program that uses it.',
    };
  return { kind: 'refused', name, why: 'larger than 128 MiB', advice: 'Run it with the pml4 command.' };
}

async function offerProgram(
  { name, bytes }: Named,
  { text, needs }: { readonly text: string; readonly needs: readonly string[] },
  others: readonly Named[],
): Promise<Offer> {
  const files: Record<string, GivenFile> = {};
  for (const other of others) files[`/${other.name}`] = { bytes: other.bytes, mode: 0o755 };
  const packed = needs.length > 0 ? await packedFiles() : [];
  const borrowed: string[] = [];
  const missing: string[] = [];
  const waiting = [...needs];
  const seen = new Set<string>();
  for (let wanted = waiting.shift(); wanted !== undefined; wanted = waiting.shift()) {
    const plain = wanted.slice(wanted.lastIndexOf('/') + 1);
    if (seen.has(plain)) continue;
    seen.add(plain);
    const own = others.find((other) => other.name === plain);
    const known = packed.find(({ path }) => (wanted!.startsWith('/') ? path === wanted : path.endsWith(`/${plain}`)));
    if (own !== undefined) {
      for (const path of wanted.startsWith('/') ? [wanted] : LIBRARY_DIRECTORIES.map((one) => `${one}/${plain}`))
        files[path] = { bytes: own.bytes, mode: 0o755 };
      waiting.push(...neededLibraries(own.bytes));
    } else if (known !== undefined) {
      const unpacked = await unpack(known, new Uint8Array(await (await load(known.stored)).arrayBuffer()));
      files[known.path] = { bytes: unpacked, mode: known.mode };
      borrowed.push(known.path);
      waiting.push(...neededLibraries(unpacked));
    } else missing.push(wanted);
  }
  if (missing.length > 0)
    return {
      kind: 'refused',
      name,
      why: `needs ${missing.join(', ')}, which ${missing.length === 1 ? 'is' : 'are'} not here`,
      advice:
        'Link it statically (gcc -static, musl-gcc -static), drop the libraries together with it, or run it with the pml4 command and --root /.',
    };
  return { kind: 'program', name, bytes, text, files, borrowed };
}

/** Where the dynamic linkers of most distributions look. */
const LIBRARY_DIRECTORIES = ['/lib', '/lib64'];

/** The assembler's pack has a dynamic linker and a C library, too. */
async function packedFiles(): Promise<readonly PackedFile[]> {
  try {
    const pack: Partial<AssemblerPack> = await (await load(MANIFEST)).json();
    return pack.files ?? [];
  } catch {
    return [];
  }
}

async function load(name: string): Promise<Response> {
  const response = await fetch(new URL(`assembler/${name}`, document.baseURI));
  if (!response.ok) throw new Error(`${name}: ${response.status} ${response.statusText}`);
  return response;
}
