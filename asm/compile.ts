/** How every C program of ours is built, for tests and for benchmarks: one source file, static, with either C library. */
import { basename, dirname } from 'node:path';
import { runTool } from './assemble.ts';

/** gcc links glibc, musl-gcc musl. */
export type CCompiler = 'gcc' | 'musl-gcc';

/** Compiles and links `source` to `output`, -static unless the options say -static-pie. Throws with the compiler's own words. */
export function compileC(compiler: CCompiler, options: readonly string[], source: string, output: string): void {
  const link = options.includes('-static-pie') ? [] : ['-static'];
  runTool(compiler, ['-Wall', ...link, ...options, '-o', output, basename(source), '-lm'], dirname(source));
}
