/**
 * `node test/elf/lines/record.ts`: builds scopes.c, scopes.rs and an assembly program in the ways that debugging information
 * is written (it takes gcc, rustc, nasm, binutils, gdb), and records beside the built files what binutils and gdb read in them.
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { assemble, runTool } from '../../../asm/assemble.ts';

const HERE = fileURLToPath(new URL('.', import.meta.url));
const ASM = fileURLToPath(new URL('../../../asm/', import.meta.url));

/** What the built file is called, and how it is built. */
const C_BUILDS: Readonly<Record<string, readonly string[]>> = {
  'dwarf2-O0': ['-gdwarf-2', '-O0'],
  'dwarf3-O2': ['-gdwarf-3', '-gstrict-dwarf', '-O2'],
  'dwarf4-O0': ['-gdwarf-4', '-O0'],
  'dwarf4-O2': ['-gdwarf-4', '-O2'],
  'dwarf5-O0': ['-gdwarf-5', '-O0'],
  'dwarf5-O2': ['-gdwarf-5', '-O2'],
  'dwarf5-O1-frame': ['-gdwarf-5', '-O1', '-fno-omit-frame-pointer', '-fcf-protection'],
  'dwarf64-O0': ['-gdwarf-5', '-gdwarf64', '-O0'],
  'dwarf5-compressed': ['-gdwarf-5', '-gz=zlib', '-O2'],
};
const LINK = [
  '-static',
  '-nostdlib',
  '-ffreestanding',
  '-fno-pie',
  '-no-pie',
  '-Wl,-z,noseparate-code',
  '-Wl,--build-id=none',
];
/** What LLVM writes, by rustc. */
const RUST_BUILDS: Readonly<Record<string, readonly string[]>> = {
  'llvm-O0': ['-C', 'opt-level=0'],
  'llvm-O2': ['-C', 'opt-level=2'],
};
const RUST_LINK = [
  'panic=abort', 'relocation-model=static', 'overflow-checks=off', 'debug-assertions=off', 'link-arg=-nostartfiles',
  'link-arg=-nostdlib', 'link-arg=-static', 'link-arg=-Wl,-z,noseparate-code,--build-id=none,--gc-sections',
].flatMap((option) => ['-C', option]); // biome-ignore format: a list
const ASM_SOURCE = 'shared_memory_demo_fixed.asm';
const LAST_LINE: Readonly<Record<string, number>> = {
  'scopes.c': 66,
  'scopes.rs': 45,
  'inlined.h': 8,
  [ASM_SOURCE]: 140,
};

export interface LineGolden {
  /** `objdump --dwarf=decodedline`: file, line, address, whether it is a place to stop. Line 0: the end of a sequence. */
  readonly rows: readonly (readonly [file: string, line: number, address: number, isStatement: boolean])[];
  /** gdb's `break FILE:LINE`: where, ascending. Those that it refuses are missing. */
  readonly breaks: Readonly<Record<string, readonly number[]>>;
  /** gdb's `break FUNCTION`. */
  readonly functions: Readonly<Record<string, readonly number[]>>;
  /** gdb's `info line *ADDRESS`: file, line, and the range. */
  readonly lines: Readonly<Record<string, readonly [file: string, line: number, start: number, end: number]>>;
}

const run = (tool: string, args: readonly string[], cwd: string): string => {
  const result = spawnSync(tool, args, {
    cwd,
    encoding: 'utf8',
    maxBuffer: 1 << 26,
    env: { ...process.env, LC_ALL: 'C' },
  });
  if (result.error) throw result.error;
  return result.stdout;
};

/** What gdb prints for each of several commands; of those that fail, nothing. */
function gdb(file: string, commands: readonly string[], cwd: string): string[] {
  const all = ['set breakpoint pending off', 'set width 0', ...commands.flatMap((command) => ['echo >>>\\n', command])];
  const text = run('gdb', ['-nx', '-q', '-batch', ...all.flatMap((command) => ['-ex', command]), file], cwd);
  return text.split('>>>\n').slice(1);
}

/** Where each of several places stops. */
function breakpoints(file: string, places: readonly string[], cwd: string): Record<string, number[]> {
  const answers = gdb(file, [...places.map((place) => `break ${place}`), 'info breakpoints'], cwd);
  const list = answers.pop()!;
  const found: Record<string, number[]> = {};
  for (const [i, answer] of answers.entries()) {
    const number = /^Breakpoint (\d+) at/m.exec(answer)?.[1];
    if (number === undefined) continue;
    const rows = list.matchAll(new RegExp(`^${number}(?:\\.\\d+)?\\s.*(0x[0-9a-f]{16})`, 'gm'));
    found[places[i]] = [...rows].map((row) => Number(row[1])).sort((a, b) => a - b);
  }
  return found;
}

function recordOf(file: string, sources: readonly string[], functions: readonly string[], cwd: string): LineGolden {
  const rows: [string, number, number, boolean][] = [];
  for (const line of run('objdump', ['-W', '--dwarf=decodedline', file], cwd).split('\n')) {
    const match = /^(\S+)\s+(\d+|-)\s+(0x[0-9a-f]+|0)(?:\[\d+\])?(?:\s+\d+)?(\s+x)?(?:\s+END)?$/.exec(line.trim());
    // What the linker has thrown away is left at 0.
    if (match === null || Number(match[3]) < 0x1000) continue;
    rows.push([match[1], match[2] === '-' ? 0 : Number(match[2]), Number(match[3]), match[4] !== undefined]);
  }
  const asked = sources.flatMap((source) => Array.from({ length: LAST_LINE[source] }, (_, i) => `${source}:${i + 1}`));
  const addresses = [...new Set(rows.flatMap(([, , address]) => [address, address + 1]))].sort((a, b) => a - b);
  const lines: Record<string, [string, number, number, number]> = {};
  for (const [i, answer] of gdb(
    file,
    addresses.map((address) => `info line *${address}`),
    cwd,
  ).entries()) {
    const match = /^Line (\d+) of "([^"]+)" starts at address (0x[0-9a-f]+).* and ends at (0x[0-9a-f]+)/.exec(answer);
    if (match !== null) lines[addresses[i]] = [match[2], Number(match[1]), Number(match[3]), Number(match[4])];
  }
  return { rows, breaks: breakpoints(file, asked, cwd), functions: breakpoints(file, functions, cwd), lines };
}

/** gdb's `info symbol` of every byte, by address: the name, and what is added to it; those that have none are missing. */
export type SymbolGolden = Readonly<Record<string, readonly [name: string, offset: number]>>;

function symbolsOf(file: string, cwd: string): SymbolGolden {
  const found: Record<string, [string, number]> = {};
  const sections = run('objdump', ['-h', file], cwd).matchAll(
    /^\s*\d+ \.(?:text|data|bss)\s+([0-9a-f]+)\s+([0-9a-f]+)/gm,
  );
  for (const [, size, start] of sections) {
    const first = Number(`0x${start}`);
    const addresses = Array.from({ length: Number(`0x${size}`) + 8 }, (_, i) => first + i);
    for (const [i, answer] of gdb(
      file,
      addresses.map((address) => `info symbol ${address}`),
      cwd,
    ).entries()) {
      const match = /^(\S+)(?: \+ (\d+))? in section/.exec(answer);
      if (match !== null) found[addresses[i]] = [match[1], Number(match[2] ?? 0)];
    }
  }
  return found;
}

if (import.meta.main) {
  const dir = mkdtempSync(join(tmpdir(), 'pml4-lines-'));
  const goldens: Record<string, LineGolden> = {};
  try {
    for (const source of ['scopes.c', 'inlined.h', 'scopes.rs', 'symbols.s'])
      copyFileSync(join(HERE, source), join(dir, source));
    copyFileSync(join(ASM, ASM_SOURCE), join(dir, ASM_SOURCE));
    for (const [name, options] of Object.entries(C_BUILDS)) {
      runTool('gcc', [...LINK, `-ffile-prefix-map=${dir}=/src`, '-g', ...options, '-o', name, 'scopes.c'], dir);
      const functions = ['_start', 'main', 'choose', 'first', 'second', 'sum_of_squares', 'square', 'leave'];
      goldens[name] = recordOf(name, ['scopes.c', 'inlined.h'], functions, dir);
      copyFileSync(join(dir, name), join(HERE, name));
    }
    for (const [name, options] of Object.entries(RUST_BUILDS)) {
      const all = ['--edition', '2021', '-g', ...options, ...RUST_LINK, `--remap-path-prefix=${dir}=/src`];
      runTool('rustc', [...all, '-o', name, 'scopes.rs'], dir);
      const functions = ['_start', 'run', 'scopes::sum', 'scopes::many', 'scopes::next', 'scopes::leave'];
      goldens[name] = recordOf(name, ['scopes.rs'], functions, dir);
      copyFileSync(join(dir, name), join(HERE, name));
    }
    runTool(
      'gcc',
      ['-nostdlib', '-static', '-Wl,-z,noseparate-code,--build-id=none', '-o', 'symbols', 'symbols.s'],
      dir,
    );
    writeFileSync(join(HERE, 'symbols.golden'), `${JSON.stringify(symbolsOf('symbols', dir))}\n`);
    copyFileSync(join(dir, 'symbols'), join(HERE, 'symbols'));
    assemble(join(ASM, ASM_SOURCE), join(dir, 'nasm'), ['include']);
    goldens.nasm = recordOf('nasm', [ASM_SOURCE], ['_start', '_start.child_code'], dir);
    copyFileSync(join(dir, 'nasm'), join(HERE, 'nasm'));
  } finally {
    rmSync(dir, { recursive: true });
  }
  writeFileSync(
    join(HERE, 'gdb.golden'),
    Object.entries(goldens)
      .map((entry) => `${JSON.stringify(entry)}\n`)
      .join(''),
  );
}
