/** nasm -f elf64, then ld: how every guest program of ours is built, fixtures and benchmarks alike. */
import { spawnSync } from 'node:child_process';
import { basename, dirname, join } from 'node:path';

/** Assembles and links `source` to `output`. Throws with the tool's own words when it refuses. */
export function assemble(
  source: string,
  output: string,
  includeDirs: readonly string[] = [],
  linkOptions: readonly string[] = [],
): void {
  const object = `${output}.o`;
  // The source's name goes into the symbol table: a bare name makes the file the same wherever it is built.
  runTool(
    'nasm',
    ['-f', 'elf64', ...includeDirs.flatMap((dir) => ['-i', `${dir}/`]), basename(source), '-o', object],
    dirname(source),
  );
  runTool('ld', [...linkOptions, basename(object), '-o', basename(output)], dirname(output));
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
};
