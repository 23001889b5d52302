/**
 * `npm run bench:debug`: what the debugger costs. Each program runs to its end on a bare machine, in the engine with
 * nothing set, with a breakpoint that it never comes to, and with a write watchpoint on a page that nobody writes; the
 * ratios are to the bare machine, of the fastest of the rounds, in which all take turns. Then steps back from random places:
 * the median and the longest, in milliseconds, and what the process holds in memory at the end.
 * Options: --rounds N --only NAME,... --steps N --markdown
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import type { Engine } from '../src/debug/engine.ts';
import { fixed, median, printTable } from './measure.ts';
import { buildPrograms } from './programs.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const DIST = join(ROOT, 'dist/debug.mjs');
const DEFAULT = 'sieve,interpreter,calls,forks,copy_on_write,random_access,pipes';
/** The ELF header of a static program: mapped, and not written. */
const QUIET_ADDRESS = 0x400000n;
const NEVER_EXECUTED = 0x400001n;

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    only: { type: 'string', default: DEFAULT },
    steps: { type: 'string', default: '20' },
    markdown: { type: 'boolean', default: false },
  },
});
if (!existsSync(DIST)) throw new Error('dist/debug.mjs is missing: npm run build');
// The built library, as users have it.
const { Engine: BuiltEngine } = (await import(pathToFileURL(DIST).href)) as { Engine: typeof Engine };
const { run } = (await import(pathToFileURL(join(ROOT, 'dist/index.mjs')).href)) as typeof import('../src/index.ts');

type Mode = 'bare' | 'engine' | 'breakpoint' | 'watchpoint';
const MODES: readonly Mode[] = ['bare', 'engine', 'breakpoint', 'watchpoint'];

async function open(bytes: Uint8Array, name: string): Promise<Engine> {
  return await BuiltEngine.open({ program: bytes, path: name, stdin: '' });
}

async function timed(mode: Mode, bytes: Uint8Array, name: string): Promise<number> {
  if (mode === 'bare') {
    const start = performance.now();
    await run(bytes, { name, recordSyscalls: false, recordFrames: false, capture: false });
    return performance.now() - start;
  }
  const engine = await open(bytes, name);
  if (mode === 'breakpoint') engine.addBreakpoint(NEVER_EXECUTED);
  if (mode === 'watchpoint')
    engine.addWatchpoint({ kind: 'virtual', pid: 100, address: QUIET_ADDRESS, length: 8 }, 'write');
  const start = performance.now();
  const { reason } = await engine.continue();
  if (reason.kind !== 'end') throw new Error(`${name}: ended with ${reason.kind}`);
  return performance.now() - start;
}

/** Milliseconds of steps back from places all over the run. */
async function stepsBack(bytes: Uint8Array, name: string): Promise<number[]> {
  const engine = await open(bytes, name);
  await engine.continue();
  const end = engine.position.instruction;
  const took: number[] = [];
  for (let i = 1; i <= Number(values.steps); i++) {
    await engine.goto({ instruction: Math.floor((end * ((i * 7919) % 1000)) / 1000) });
    const start = performance.now();
    await engine.stepInstruction({ direction: 'backward' });
    took.push(performance.now() - start);
  }
  return took;
}

const rows = [['program', 'bare ms', 'engine', 'breakpoint', 'watchpoint', 'back ms', 'longest ms', 'MiB']];
for (const { name, file } of buildPrograms(values.only.split(','))) {
  if (file === undefined) continue;
  const bytes = new Uint8Array(readFileSync(file));
  const best = new Map<Mode, number>();
  for (let round = 0; round < Number(values.rounds); round++)
    for (const mode of MODES) best.set(mode, Math.min(best.get(mode) ?? Infinity, await timed(mode, bytes, name)));
  const back = await stepsBack(bytes, name);
  const bare = best.get('bare')!;
  const ratio = (mode: Mode): string => fixed(best.get(mode)! / bare, 2);
  const memory = process.memoryUsage.rss() / 2 ** 20;
  rows.push([
    name,
    fixed(bare, 0),
    ratio('engine'),
    ratio('breakpoint'),
    ratio('watchpoint'),
    fixed(median(back), 1),
    fixed(Math.max(...back), 0),
    fixed(memory, 0),
  ]);
}
printTable(rows, values.markdown);
