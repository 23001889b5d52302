/**
 * `npm run linux`: builds all programs of this folder into one executable with musl-gcc, runs each on the Linux at hand,
 * and writes both down in recorded/. A program that prints `: NO` or fails its set-up is wrong itself, and so is one
 * that says something else when it is linked with glibc.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { runTool } from '../../asm/assemble.ts';
import {
  type Behaviour,
  behaveAlike,
  EXECUTABLE,
  EXPECTED,
  hashSources,
  LINUX_DIR,
  programNames,
  runNatively,
  sourceOf,
} from './programs.ts';

const OPTIONS = ['-std=gnu11', '-w', '-Os', '-ffunction-sections', '-fdata-sections', '-fno-stack-protector'];
const LINK = ['-static', '-s', '-Wl,--gc-sections', '-Wl,--build-id=none'];

/** Links all programs with either C library; argv[0] or else argv[1] says which is meant. */
export function buildAll(compiler: 'gcc' | 'musl-gcc', output: string): void {
  const dir = mkdtempSync(join(tmpdir(), 'pml4-linux-'));
  try {
    const mains = programNames.map((name) => `main_${name.replace(/\W/g, '_')}`);
    const objects = programNames.map((name, i) => {
      const object = join(dir, `${mains[i]}.o`);
      runTool(compiler, [...OPTIONS, '-c', '-o', object, `${name}.c`], LINUX_DIR);
      // The compiler must see `main`, which alone may end without a return.
      runTool('objcopy', ['--redefine-sym', `main=${mains[i]}`, object], dir);
      return object;
    });
    writeFileSync(join(dir, 'all.c'), dispatcher(mains));
    runTool(compiler, [...OPTIONS, ...LINK, '-o', output, 'all.c', ...objects, '-lm'], dir);
  } finally {
    rmSync(dir, { recursive: true });
  }
}

const dispatcher = (mains: readonly string[]): string => `#include <string.h>
${mains.map((main) => `int ${main}(int, char **, char **);`).join('\n')}
static const struct { const char *name; int (*main)(int, char **, char **); } programs[] = {
${mains.map((main, i) => `  {"${programNames[i]}", ${main}},`).join('\n')}
};
int main(int argc, char **argv, char **environment) {
  for (int skip = 0; skip < 2 && skip < argc; skip++)
    for (unsigned i = 0; i < sizeof programs / sizeof programs[0]; i++)
      if (strcmp(argv[skip], programs[i].name) == 0)
        return programs[i].main(argc - skip, argv + skip, environment);
  return 127;
}
`;

/** What is wrong with a program, going by what it did on Linux. */
function findFault(musl: Behaviour, glibc: Behaviour): string | undefined {
  const bad = musl.lines.find((line) => /: NO$| failed: E| exited (127|9[89])$/.test(line));
  if (bad !== undefined) return bad;
  if (!behaveAlike(musl, glibc)) {
    const at = musl.lines.findIndex((line, i) => line !== glibc.lines[i]);
    return `differs with glibc: ${musl.lines[at]} / ${glibc.lines[at]}, ${musl.ending} / ${glibc.ending}`;
  }
  return musl.ending === 'exit 99' || musl.ending === 'exit 127' ? musl.ending : undefined;
}

if (import.meta.main) {
  const dir = mkdtempSync(join(tmpdir(), 'pml4-linux-'));
  try {
    runTool('chmod', ['755', dir], dir);
    const musl = join(dir, 'musl');
    const glibc = join(dir, 'glibc');
    buildAll('musl-gcc', musl);
    buildAll('gcc', glibc);
    const programs: Record<string, Behaviour> = {};
    for (const name of programNames) {
      programs[name] = runNatively(musl, [name]);
      const fault = findFault(programs[name], runNatively(glibc, [name]));
      if (fault === undefined) continue;
      console.log(`${sourceOf(name)}: ${fault}`);
      process.exitCode = 1;
    }
    mkdirSync(dirname(EXPECTED), { recursive: true });
    writeFileSync(EXPECTED, JSON.stringify({ sources: hashSources(), programs }, null, 1) + '\n');
    const compressed = gzipSync(readFileSync(musl), { level: 9 });
    writeFileSync(EXECUTABLE, compressed);
    console.log(`${programNames.length} programs, ${compressed.length} bytes`);
  } finally {
    rmSync(dir, { recursive: true });
  }
}
