/** How every C program of ours is built, for tests and for benchmarks: one source file, static, with either C library. */
import { basename, dirname } from 'node:path';
import { runTool } from './assemble.ts';

/** gcc links glibc, musl-gcc musl. */
export type CCompiler = 'gcc' | 'musl-gcc';

/** Compiles and links `source` to `output`. Throws with the compiler's own words when it refuses. */
export function compileC(compiler: CCompiler, options: readonly string[], source: string, output: string): void {
  runTool(compiler, ['-Wall', '-static', ...options, '-o', output, basename(source), '-lm'], dirname(source));
}
