/**
 * nasm and ld for the page's editor, which runs them on the modeled machine: taken from the machine that builds, with the
 * dynamic linker and the libraries that they need, into assembler/, compressed. What licences ask for goes with them. A
 * machine that has none builds a page whose editor says so. `vite dev` packs when it is first asked.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Plugin } from 'vite';
import { toolVersion } from '../asm/assemble.ts';
import { ElfError, parseElf } from '../src/elf/image.ts';
import { neededLibraries } from '../src/elf/needed.ts';
import {
  type AssemblerPack,
  MANIFEST,
  NOTICE,
  type NoAssembler,
  type PackedFile,
} from '../src/web/model/assembler-pack.ts';

const TOOLS = ['nasm', 'ld'];
/** Where ld.so(8) looks without a cache, in distributions with and without multiarch directories. */
const LIBRARY_DIRECTORIES = [
  '/lib/x86_64-linux-gnu',
  '/usr/lib/x86_64-linux-gnu',
  '/lib64',
  '/usr/lib64',
  '/lib',
  '/usr/lib',
];
const COMPRESSION = 9;

/** Files of dist/web/assembler by name. */
export type PackedAssembler = ReadonlyMap<string, string | Uint8Array>;

/** All that the page gets. Undefined contents: what is missing here, as one line. */
export async function packAssembler(): Promise<PackedAssembler> {
  const files = await findFiles();
  if (typeof files === 'string') return new Map([[MANIFEST, JSON.stringify({ missing: files } satisfies NoAssembler)]]);
  const packed = new Map<string, string | Uint8Array>();
  const described = files.map((path): PackedFile => {
    const bytes = readFileSync(path);
    const stored = gzipSync(bytes, { level: COMPRESSION });
    // No server knows the ending, so that none decompresses it on the way.
    const name = `${basename(path)}-${createHash('sha256').update(bytes).digest('hex').slice(0, 8)}.packed`;
    packed.set(name, stored);
    return {
      path,
      mode: statSync(path).mode & 0o777,
      sizeBytes: bytes.length,
      stored: name,
      storedBytes: stored.length,
    };
  });
  const packages = new Map(files.flatMap(packageOf).map((found) => [found.name, found]));
  for (const { name, text } of packages.values()) if (text !== undefined) packed.set(copyrightName(name), text);
  const manifest: AssemblerPack = {
    nasm: toolVersion('nasm')!,
    ld: toolVersion('ld')!,
    files: described,
    packages: [...packages.values()].map(({ name, version, text }) => ({
      name,
      version,
      copyright: text === undefined ? undefined : copyrightName(name),
    })),
  };
  packed.set(MANIFEST, JSON.stringify(manifest));
  packed.set(NOTICE, describePackages(manifest));
  return packed;
}

/** For people: what was taken, unchanged, and under which licences. */
function describePackages({ packages, files }: AssemblerPack): string {
  const lines = packages.map(
    ({ name, version, copyright }) => `${name} ${version}: ${copyright ?? 'no licence at hand'}`,
  );
  return [
    'These files run on the modeled machine to assemble and link programs in the page. They were copied, unchanged but',
    'compressed (gzip), from the machine that built the page, where they belong to these packages. The file beside each',
    'name tells its licence; sources are those of the same version from where the package comes.',
    '',
    ...lines,
    '',
    ...files.map(({ path, stored }) => `${stored}: ${path}`),
    '',
  ].join('\n');
}

const copyrightName = (name: string): string => `${name.replaceAll(/[^\w.+-]/g, '_')}-copyright.txt`;

/** Paths of the tools and of all that they need; or what is missing. */
async function findFiles(): Promise<string[] | string> {
  if (process.platform !== 'linux' || process.arch !== 'x64')
    return `the page was built on ${process.platform} ${process.arch}, and takes its assembler from x86-64 Linux`;
  const found: string[] = [];
  const waiting = [...TOOLS];
  for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
    const path = TOOLS.includes(name) ? `/usr/bin/${name}` : name.includes('/') ? name : findLibrary(name);
    if (path === undefined || !existsSync(path)) return `the page was built on a machine without ${name}`;
    if (found.includes(path)) continue;
    const bytes = readFileSync(path);
    const image = await parseElf(bytes);
    if (TOOLS.includes(name) && image instanceof ElfError)
      return `${path} of the machine that built the page: ${image.message}`;
    found.push(path);
    if (!(image instanceof ElfError) && image.interpreter !== undefined) waiting.push(image.interpreter);
    waiting.push(...neededLibraries(bytes).filter((library) => !found.some((known) => basename(known) === library)));
  }
  return found;
}

const findLibrary = (name: string): string | undefined =>
  LIBRARY_DIRECTORIES.map((directory) => `${directory}/${name}`).find((path) => existsSync(path));

/** The package of a Debian installation that a file is from; none elsewhere. */
function packageOf(path: string): { name: string; version: string; text: string | undefined }[] {
  // Since /lib is a link to /usr/lib, a file is listed under either name.
  const real = realpathSync(path);
  for (const name of [real, path, real.replace(/^\/usr\/lib/, '/lib')]) {
    const [owner] = outputOf('dpkg-query', '-S', name)?.split(':') ?? [];
    if (owner === undefined) continue;
    const copyright = `/usr/share/doc/${owner}/copyright`;
    const version = outputOf('dpkg-query', '-W', '-f', '$' + '{Version}', owner) ?? 'unknown';
    return [{ name: owner, version, text: existsSync(copyright) ? readFileSync(copyright, 'utf8') : undefined }];
  }
  return [];
}

function outputOf(command: string, ...args: string[]): string | undefined {
  const { status, stdout } = spawnSync(command, args, { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : undefined;
}

const DIRECTORY = 'assembler/';

export function assemblerPack(): Plugin {
  let packed: Promise<PackedAssembler> | undefined;
  return {
    name: 'assembler-pack',
    applyToEnvironment: ({ name }) => name === 'client',
    async generateBundle() {
      const files = await packAssembler();
      const { missing }: Partial<NoAssembler> = JSON.parse(String(files.get(MANIFEST)));
      if (missing !== undefined) this.warn(`no assembler in the editor: ${missing}`);
      for (const [name, source] of files) this.emitFile({ type: 'asset', fileName: DIRECTORY + name, source });
    },
    configureServer({ middlewares }) {
      middlewares.use(async (request, response, next) => {
        const path = new URL(request.url ?? '/', 'http://localhost').pathname.slice(1);
        if (!path.startsWith(DIRECTORY)) return next();
        const file = (await (packed ??= packAssembler())).get(path.slice(DIRECTORY.length));
        if (file === undefined) next();
        else response.end(file);
      });
    },
  };
}
