/** nasm -f elf64, then ld: how every guest program of ours is built, fixtures and benchmarks alike. */
import { spawnSync } from 'node:child_process';
import { readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { ldArguments, nasmArguments } from '../src/web/model/assembler.ts';

/**
 * Where the sources are, as the debugging information says it: as seen from the top of the package. NASM writes the
 * directory that it runs in, which would make the file another one wherever it is built.
 */
const SOURCE_DIRECTORY = 'asm';

/** Assembles and links `source` to `output`, with line tables. Throws with the tool's own words when it refuses. */
export function assemble(
  source: string,
  output: string,
  includeDirs: readonly string[] = [],
  linkOptions: readonly string[] = [],
): void {
  const object = `${output}.o`;
  // The source's name goes into the symbol table: a bare name makes the file the same wherever it is built.
  runTool('nasm', nasmArguments(basename(source), object, includeDirs), dirname(source));
  runTool('ld', ldArguments(basename(object), basename(output), linkOptions), dirname(output));
  setSourceDirectory(output, dirname(source));
}

/** Puts the directory's name into .debug_info: NASM's is a string in its one entry, and nothing in it refers to a place. */
function setSourceDirectory(file: string, directory: string): void {
  const part = `${file}.debug_info`;
  const option = (action: string): string => `--${action}-section=.debug_info=${basename(part)}`;
  runTool('objcopy', [option('dump'), basename(file)], dirname(file));
  const info = readFileSync(part);
  const written = Buffer.from(`${realpathSync(directory)}/\0`);
  const at = info.indexOf(written);
  if (at < 0) throw new Error(`${file}: .debug_info does not name ${directory}`);
  const changed = Buffer.concat([
    info.subarray(0, at),
    Buffer.from(`${SOURCE_DIRECTORY}\0`),
    info.subarray(at + written.length),
  ]);
  changed.writeUInt32LE(changed.length - 4, 0);
  writeFileSync(part, changed);
  runTool('objcopy', [option('update'), basename(file)], dirname(file));
  rmSync(part);
}

/** The first line of `tool --version`; undefined when there is no such tool. */
export function toolVersion(tool: string): string | undefined {
  const result = spawnSync(tool, ['--version'], { encoding: 'utf8' });
  return result.error ? undefined : (result.stdout || result.stderr).split('\n')[0];
}

/** Runs a tool in a directory. Throws with the tool's own words when it refuses, or with its package when it is not there. */
export function runTool(tool: string, args: readonly string[], cwd: string): void {
  const result = spawnSync(tool, args, { cwd, encoding: 'utf8' });
  if (result.error) throw new Error(`${tool}: ${result.error.message} (Debian package: ${PACKAGES[tool]})`);
  if (result.status !== 0) throw new Error(`${tool} ${args.join(' ')} in ${join(cwd)}:\n${result.stderr}`);
}

const PACKAGES: Readonly<Record<string, string>> = {
  nasm: 'nasm',
  ld: 'binutils',
  objcopy: 'binutils',
  gcc: 'gcc',
  'musl-gcc': 'musl-tools',
  rustc: 'rustc',
};
