/** Builds the benchmark programs into .tmp/bench. What the tools at hand cannot build is listed without a file. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { assemble, toolVersion } from '../asm/assemble.ts';
import { type CCompiler, compileC } from '../asm/compile.ts';
import { coldProgram } from './cold.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const BUILD_DIR = join(ROOT, '.tmp/bench');

/**
 * - `kernel`: the machine's speed at one thing each, compared by the geometric mean.
 * - `cold`: code that runs once.
 * - `whole`: whole programs, start-up included.
 */
export type Group = 'whole' | 'kernel' | 'cold';

/** What a kernel spends its time with; qemu computes floating point in software, so integer kernels have a mean of their own. */
export type Work = 'integer' | 'float' | 'memory' | 'kernel';

export interface BenchProgram {
  readonly name: string;
  readonly group: Group;
  /** Of a kernel. */
  readonly work?: Work;
  /** Path of the built file; undefined when the tools that build it are missing. */
  readonly file: string | undefined;
}

interface Kernel {
  readonly name: string;
  readonly work: Work;
  /** Of a C kernel: its source is bench/c/NAME.c. The others are bench/asm/NAME.asm. */
  readonly compiler?: CCompiler;
  readonly options?: readonly string[];
}

const c = (name: string, work: Work, compiler: CCompiler = 'musl-gcc', option = '-O2'): Kernel => {
  return { name, work, compiler, options: [option] };
};

const KERNELS: readonly Kernel[] = [
  { name: 'sieve', work: 'integer' },
  { name: 'fib', work: 'integer' },
  { name: 'hash', work: 'integer' },
  { name: 'interp', work: 'integer' },
  { name: 'sha256', work: 'integer' },
  { name: 'copy', work: 'memory' },
  { name: 'forks', work: 'kernel' },
  c('integer', 'integer'),
  c('calls', 'integer'),
  c('interpreter', 'integer'),
  c('primes', 'integer'),
  c('hashing', 'integer'),
  c('sorting', 'integer'),
  c('random_access', 'integer'),
  c('nbody', 'float'),
  c('matrix', 'float', 'musl-gcc', '-O3'),
  c('strings', 'memory', 'gcc'),
  c('copy_on_write', 'kernel'),
  c('pipes', 'kernel'),
];

export function buildPrograms(only: readonly string[]): BenchProgram[] {
  const canAssemble = toolVersion('nasm') !== undefined && toolVersion('ld') !== undefined;
  const canCompile = { gcc: toolVersion('gcc') !== undefined, 'musl-gcc': toolVersion('musl-gcc') !== undefined };
  mkdirSync(BUILD_DIR, { recursive: true });
  const assembled = (name: string, source: () => string): string | undefined => {
    if (!canAssemble) return undefined;
    const output = join(BUILD_DIR, name);
    assemble(source(), output, [join(ROOT, 'asm/include')]);
    return output;
  };
  const compiled = (name: string, compiler: CCompiler, options: readonly string[]): string | undefined => {
    if (!canCompile[compiler]) return undefined;
    const output = join(BUILD_DIR, name);
    compileC(compiler, options, join(ROOT, `bench/c/${name}.c`), output);
    return output;
  };
  const wanted = (name: string): boolean => only.length === 0 || only.includes(name);
  const programs: BenchProgram[] = [];
  for (const [name, fixture] of [
    ['empty', 'empty'],
    ['demo', 'shm_demo'],
  ])
    if (wanted(name)) programs.push({ name, group: 'whole', file: join(ROOT, 'fixtures', fixture) });
  for (const { name, work, compiler, options = [] } of KERNELS) {
    if (!wanted(name)) continue;
    const file = compiler
      ? compiled(name, compiler, options)
      : assembled(name, () => join(ROOT, `bench/asm/${name}.asm`));
    programs.push({ name, group: 'kernel', work, file });
  }
  if (wanted('cold')) {
    const generated = (): string => {
      const source = join(BUILD_DIR, 'cold.asm');
      writeFileSync(source, coldProgram());
      return source;
    };
    programs.push({ name: 'cold', group: 'cold', file: assembled('cold', generated) });
  }
  const unknown = only.filter((name) => !programs.some((program) => program.name === name));
  if (unknown.length > 0) throw new Error(`no benchmark program is called ${unknown.join(', ')}`);
  return programs;
}
