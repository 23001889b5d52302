/**
 * `npm run fixtures`: builds every asm/*.asm and asm/*.c and compares with the file in fixtures/; a difference fails. `--update`
 * writes the built files in place of comparing.
 */
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assemble, toolVersion } from './assemble.ts';
import { compileC } from './compile.ts';
import { ASM_DIR, FIXTURES_DIR, programs } from './programs.ts';

const VERSIONS = join(FIXTURES_DIR, 'toolchain.json');
const toolchain = { nasm: toolVersion('nasm'), ld: toolVersion('ld'), 'musl-gcc': toolVersion('musl-gcc') };
/** The lessons in C are small, and at fixed addresses like the others. */
const C_OPTIONS = ['-O1', '-no-pie', '-s'];

/** Names of the programs whose built file is not the committed one. */
export function compareFixtures(update: boolean): string[] {
  const dir = mkdtempSync(join(tmpdir(), 'pml4-fixtures-'));
  const different: string[] = [];
  try {
    for (const { name, source, linkOptions } of programs) {
      const built = join(dir, name);
      const committed = join(FIXTURES_DIR, name);
      if (source.endsWith('.c')) compileC('musl-gcc', C_OPTIONS, join(ASM_DIR, source), built);
      else assemble(join(ASM_DIR, source), built, ['include'], linkOptions);
      if (existsSync(committed) && readFileSync(built).equals(readFileSync(committed))) continue;
      different.push(name);
      if (update) copyFileSync(built, committed);
    }
  } finally {
    rmSync(dir, { recursive: true });
  }
  if (update) writeFileSync(VERSIONS, JSON.stringify(toolchain, null, 2) + '\n');
  return different;
}

/** Which tools built the committed files, when they are not the ones here; empty when they are. */
export function describeToolchainDifference(): string {
  const recorded: typeof toolchain = JSON.parse(readFileSync(VERSIONS, 'utf8'));
  return (['nasm', 'ld', 'musl-gcc'] as const)
    .filter((tool) => recorded[tool] !== toolchain[tool])
    .map((tool) => `${tool}: committed files were built by "${recorded[tool]}", here is "${toolchain[tool]}"\n`)
    .join('');
}

if (import.meta.main) {
  const update = process.argv.includes('--update');
  const different = compareFixtures(update);
  for (const name of different) console.log(`${update ? 'written' : 'DIFFERENT'}: fixtures/${name}`);
  console.log(`${programs.length} programs, ${different.length} ${update ? 'written' : 'different'}`);
  if (!update && different.length > 0) {
    process.stderr.write(`${describeToolchainDifference()}npm run fixtures -- --update writes the built files\n`);
    process.exitCode = 1;
  }
}
