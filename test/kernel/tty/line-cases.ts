/**
 * Cases of the line discipline: steps, and what Linux made of each. `node test/kernel/tty/line-cases.ts` records them
 * anew with record.c on the Linux at hand; steps follow from a seed.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Random } from '../../../src/kernel/random.ts';

/** What ioctl(2), read(2) or write(2) gave (negative: -errno), FIONREAD, what was read, what came out of the other end. */
export type LineResult = readonly [result: number, waiting: number, read: string, shown: string];
export interface LineCase {
  readonly steps: readonly string[];
  readonly results: readonly LineResult[];
}

const FILE = join(import.meta.dirname, 'line-cases.json');
export const readCases = (): readonly LineCase[] => JSON.parse(readFileSync(FILE, 'utf8'));

const CASES = 250;
/** ICRNL | IXON and so on; breaks and parity have no meaning here. */
const IFLAGS = [0o10, 0o40, 0o100, 0o200, 0o400, 0o1000, 0o2000, 0o4000, 0o40000];
const OFLAGS = [0o1, 0o2, 0o4, 0o10, 0o20, 0o40, 0o14000];
const LFLAGS = [0o1, 0o2, 0o10, 0o20, 0o40, 0o100, 0o200, 0o1000, 0o2000, 0o4000, 0o100000];
const USUAL = { iflag: 0o2400, oflag: 0o5, lflag: 0o105073, cc: '031c7f150400010011131a00120f1716000000' };
const TYPED = ['ab', 'word', ' ', 'x y', '\t', '\n', '\r', '\x7f', '\x15', '\x17', '\x04', '\x16', '\x12', '\x03', '\x1a', '\x1c',
  '\x13', '\x11', '\x01', '\x00', '\xc3\xa4', '\xff', '\x08', 'A_b', '\n\n', 'q\x04', '\x7f\x7f', '\xe2\x82\xac']; // biome-ignore format: a list

/** Steps as record.c reads them. */
function makeSteps(random: Random): string[] {
  const below = (limit: number): number => new DataView(random.bytes(4).buffer).getUint32(0) % limit;
  const pick = <T>(list: readonly T[]): T => list[below(list.length)];
  const hex = (text: string) => Buffer.from(text, 'latin1').toString('hex');
  const some = (count: number) => hex(Array.from({ length: count }, () => pick(TYPED)).join(''));
  const flip = (flags: number, among: readonly number[], often: number) =>
    among.reduce((all, flag) => (below(often) === 0 ? all ^ flag : all), flags);
  const settings = (often: number) => {
    // ^_ as EOL and ^^ as EOL2 in some
    const cc = below(4) === 0 ? `${USUAL.cc.slice(0, 22)}1f${USUAL.cc.slice(24, 32)}1e${USUAL.cc.slice(34)}` : USUAL.cc;
    return `t ${flip(USUAL.iflag, IFLAGS, often)} ${flip(USUAL.oflag, OFLAGS, often)} ${flip(USUAL.lflag, LFLAGS, often)} ${cc}`;
  };
  const steps = ['n', settings(pick([3, 8, 30]))];
  for (let i = 3 + below(14); i > 0; i--) {
    const kind = below(20);
    if (kind < 10) steps.push(`m ${some(1 + below(5))}`);
    else if (kind < 14) steps.push(`r ${pick([1, 2, 3, 5, 100])}`);
    else if (kind < 17) steps.push(`w ${some(1 + below(3))}`);
    else if (kind === 17) steps.push(settings(6));
    else if (kind === 18) steps.push(`f ${pick([0, 2])}`);
    else steps.push(`c ${pick([0, 1])}`);
  }
  return [...steps, 'm 0a', 'r 100', 'r 100'];
}

/** A line that is too long, as one case. */
const LONG = ['n', `t ${USUAL.iflag} ${USUAL.oflag} 2 ${USUAL.cc}`, `m ${'61'.repeat(4090)}`, `m ${'62'.repeat(20)}`, 'm 0a',
  'r 5000', 'r 10', `t ${USUAL.iflag} ${USUAL.oflag} 0 ${USUAL.cc}`, `m ${'63'.repeat(4090)}`, `m ${'64'.repeat(20)}`, 'r 4000', 'r 5000',
  'r 5000']; // biome-ignore format: a list

function record(): void {
  const dir = mkdtempSync(join(tmpdir(), 'pml4-tty-'));
  const program = join(dir, 'record');
  execFileSync('gcc', ['-O1', '-o', program, join(import.meta.dirname, 'record.c')]);
  const random = new Random(4);
  const all = [LONG, ...Array.from({ length: CASES }, () => makeSteps(random))];
  const once = (): LineResult[] => {
    const { stdout } = spawnSync(program, { input: `${all.flat().join('\n')}\n`, encoding: 'utf8' });
    return stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
  };
  const results = once();
  const again = once();
  // Linux does its part a little later than the step: what came too late is not the same twice. And after a word that was
  // erased with ECHOPRT it may echo bytes nobody typed, thousands of them.
  const cases = all
    .map((steps) => ({ steps, results: results.splice(0, steps.length), again: again.splice(0, steps.length) }))
    .filter((one) => JSON.stringify(one.results) === JSON.stringify(one.again))
    .filter((one) => one.steps === LONG || one.results.every(([, , , shown]) => shown.length < 1000))
    .map(({ again: _, ...one }) => one);
  writeFileSync(FILE, `[\n${cases.map((one) => JSON.stringify(one)).join(',\n')}\n]\n`);
  rmSync(dir, { recursive: true });
}

if (process.argv[1] === import.meta.filename) record();
