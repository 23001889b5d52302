/**
 * `node test/debug/inspect/gdb/record.ts`: runs programs natively under gdb, and writes down what it says of their registers,
 * their code and their callers. The machine's own run of the same programs is held against it.
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { assemble, runTool } from '../../../../asm/assemble.ts';

const HERE = fileURLToPath(new URL('.', import.meta.url));
const LINES = fileURLToPath(new URL('../../../elf/lines/', import.meta.url));
const FIXTURES = fileURLToPath(new URL('../../../../fixtures/', import.meta.url));

/** Registers, and the callers' instructions and stack pointers, before one instruction. */
export interface StepGolden {
  /** As in RFLAGS, then the sixteen in order of encoding: numbers in hexadecimal, `s-16` for RSP at the start less 16. */
  readonly registers: readonly string[];
  /** Innermost first: RIP and RSP. */
  readonly frames: readonly (readonly [rip: string, rsp: string])[];
}

export interface GdbGoldens {
  /** By program: from the first instruction on. */
  readonly steps: Readonly<Record<string, readonly StepGolden[]>>;
  /** `info all-registers` at `here`, by name, as gdb prints them. */
  readonly registers: Readonly<Record<string, string>>;
  /** By fixture: the symbol and offset of each of the first instructions, and the address. */
  readonly code: Readonly<Record<string, readonly (readonly [address: string, symbol: string])[]>>;
}

/** Built with unwind tables and without, with frame pointers and without. */
const STEPPED = { 'dwarf5-O0': 900, 'dwarf5-O1-frame': 900, 'dwarf5-O2': 900, 'no-tables': 900 };
/** Of those, written down. */
const KEPT_EACH = 3;

const STEPS = `
import gdb, json
NAMES = 'rax rcx rdx rbx rsp rbp rsi rdi r8 r9 r10 r11 r12 r13 r14 r15'.split()
gdb.execute('set backtrace past-main on')
gdb.execute('set backtrace past-entry on')
gdb.execute('starti', to_string=True)
def value(frame, name):
    return int(frame.read_register(name).cast(gdb.lookup_type('long'))) & 0xffffffffffffffff
start = value(gdb.newest_frame(), 'rsp')
def text(number):
    return 's%+d' % (number - start) if abs(number - start) < 0x10000 else hex(number)
found = []
for i in range(COUNT):
    if gdb.selected_thread() is None:
        break
    frame = gdb.newest_frame()
    if i % EACH == 0:
        registers = [frame.read_register('eflags').format_string(format='x')] + [text(value(frame, name)) for name in NAMES]
        frames = []
        while frame is not None and len(frames) < 8:
            # Calls that were inlined have no frame of their own.
            if frame.type() != gdb.INLINE_FRAME:
                frames.append([hex(frame.pc()), text(value(frame, 'rsp'))])
            frame = frame.older()
        found.append({'registers': registers, 'frames': frames})
    gdb.execute('stepi', to_string=True)
open('out.json', 'w').write(json.dumps(found))
`;

function gdb(args: readonly string[], cwd: string): string {
  const result = spawnSync('gdb', ['-nx', '-q', '-batch', ...args], {
    cwd,
    encoding: 'utf8',
    env: { PATH: process.env.PATH },
    maxBuffer: 1 << 26,
  });
  if (result.error) throw result.error;
  if (result.stderr.includes('Python')) throw new Error(result.stderr);
  return result.stdout;
}

function stepsOf(program: string, count: number, dir: string): StepGolden[] {
  writeFileSync(join(dir, 'steps.py'), STEPS.replace('COUNT', String(count)).replace('EACH', String(KEPT_EACH)));
  gdb(['-x', 'steps.py', program], dir);
  return JSON.parse(readFileSync(join(dir, 'out.json'), 'utf8'));
}

const PRINTED = [
  ...['rax', 'rcx', 'rdx', 'rbx', 'rbp', 'rsi', 'rdi', 'r8', 'r9', 'r10', 'r11', 'r12', 'r13', 'r14', 'r15', 'rip'].map((name) => `p/x $${name}`),
  'p $eflags', 'p/x $cs', 'p/x $ss', 'p/x $ds', 'p/x $fs', 'p/x $fs_base', 'p $mxcsr', 'p/x $mxcsr',
  ...['fctrl', 'fstat', 'ftag', 'fop'].map((name) => `p/x $${name}`),
  'p $ymm0.v32_int8', 'p $ymm0.v16_int16', 'p $ymm15.v8_int32', 'p $ymm0.v4_int64', 'p/x $ymm0.v2_int128', 'p $xmm1.v4_float',
  'p $ymm2.v4_double', 'p/x $xmm0.uint128',
]; // biome-ignore format: a list

function registersOf(dir: string): Record<string, string> {
  const st = Array.from({ length: 8 }, (_, i) => `info registers st${i}`);
  const commands = [...PRINTED, ...st].flatMap((command) => [`echo >>>${command}\\n`, command]);
  const text = gdb(
    ['-ex', 'break here', '-ex', 'run', ...commands.flatMap((command) => ['-ex', command]), 'registers'],
    dir,
  );
  const answers = text
    .split('>>>')
    .slice(1)
    .map((answer) => answer.split('\n'));
  return Object.fromEntries(answers.map(([command, answer]) => [command, answer.replace(/^\$\d+ = /, '')]));
}

function codeOf(fixture: string): [string, string][] {
  const text = gdb(['-ex', 'x/60i _start', join(FIXTURES, fixture)], FIXTURES);
  return [...text.matchAll(/^\s+(0x[0-9a-f]+) <([^>]+)>:/gm)].map((match) => [match[1], match[2]]);
}

if (import.meta.main) {
  const dir = mkdtempSync(join(tmpdir(), 'pml4-inspect-'));
  try {
    for (const name of ['dwarf5-O0', 'dwarf5-O1-frame', 'dwarf5-O2']) copyFileSync(join(LINES, name), join(dir, name));
    runTool('objcopy', ['-g', '-R', '.eh_frame', 'dwarf5-O0', 'no-tables'], dir);
    copyFileSync(join(dir, 'no-tables'), join(HERE, 'no-tables'));
    assemble(join(HERE, 'registers.asm'), join(dir, 'registers'));
    copyFileSync(join(dir, 'registers'), join(HERE, 'registers'));
    const goldens: GdbGoldens = {
      steps: Object.fromEntries(Object.entries(STEPPED).map(([name, count]) => [name, stepsOf(name, count, dir)])),
      registers: registersOf(dir),
      code: Object.fromEntries(['shm_demo', 'shm_demo_fixed', 'signal_handler'].map((name) => [name, codeOf(name)])),
    };
    writeFileSync(join(HERE, 'gdb.golden'), `${JSON.stringify(goldens)}\n`);
  } finally {
    rmSync(dir, { recursive: true });
  }
}
