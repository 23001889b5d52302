/**
 * `npm run vectors [-- --seed N] [--count M]`: M random instances of every encoding (the integer set, x87, MMX, SSE to AVX2) at
 * every operand size, run on the host CPU, one file for each family of instructions; and random sequences in
 * files of their own. Needs gcc and an x86-64 Linux. Encodings come from iced-x86 and expectations
 * from the CPU: nothing from src/cpu.
 *
 * `npm run vectors -- --only NAMES` does it for some instructions, new ones perhaps, or families, named with commas
 * between, and leaves all other vectors alone.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type CodeSampler, codeSamplers, familyOf } from './codes.ts';
import { type Inspected, inspect } from './inspect.ts';
import { place } from './place.ts';
import { recordSequences, type Sampler, vectorOf } from './sequences.ts';
import { chance, pick, type Rng, rngOf } from './values.ts';
import { packVectors, unpackVectors, type Vector } from './vector-file.ts';
import { Silicon, TRAP_RETIRED, TRAP_SPOILT } from './wire.ts';

const OUT = join(import.meta.dirname, 'vectors');
const UD = 6;

interface Recorded {
  readonly family: string;
  readonly vector: Vector;
  readonly sample: CodeSampler;
}

/** Instances of the encodings. Those that this CPU does not know are left out. */
function recordSingles(silicon: Silicon, samplers: readonly CodeSampler[], count: number, rng: Rng): Recorded[] {
  const found: Recorded[] = [];
  let open = samplers.map((sample) => ({ sample, left: count }));
  for (let round = 0; round < 8 && open.length > 0; round++) {
    const placed = open.flatMap((one) => {
      return Array.from({ length: one.left }, () => ({ ...place(one.sample(rng).bytes, rng), one }));
    });
    const traces = silicon.run(placed.map(({ before }) => before));
    for (const [i, { before, insn, one }] of placed.entries()) {
      const vector = vectorOf(before, traces[i]);
      if (!vector || vector.after.trap === TRAP_SPOILT) continue;
      one.left--;
      if (vector.after.trap === UD && insn.mnemonic !== 'ud2') continue;
      found.push({ family: familyOf(insn), vector, sample: one.sample });
    }
    open = open.filter(({ left }) => left > 0);
  }
  return found;
}

/** For sequences without vector state. */
export const integerSampler = (samplers: readonly CodeSampler[]): Sampler =>
  sequenceSampler(samplers.filter((sample) => isInteger(sample(rngOf(1)).insn)));
const isInteger = ({ sse, x87 }: Inspected): boolean => !sse && !x87;

/** Instructions for sequences: any encoding alike. */
function sequenceSampler(samplers: readonly CodeSampler[]): Sampler {
  return (rng, kind) => {
    for (;;) {
      const { bytes, insn } = pick(rng, samplers)(rng);
      if (insn.flow === kind) return bytes;
    }
  };
}

/** For sequences on vector registers: mostly such instructions, but for those that show or change MXCSR, and gathers. */
function vectorSampler(samplers: readonly CodeSampler[], isWanted: (insn: Inspected) => boolean): Sampler {
  const isVector = (insn: Inspected) => insn.sse && !insn.x87 && insn.gather === undefined && isWanted(insn);
  const wanted = samplers.filter((sample) => isVector(sample(rngOf(1)).insn));
  const others = integerSampler(samplers);
  return (rng, kind) => {
    if (kind === 'branch' || chance(rng, 0.3)) return others(rng, kind);
    for (;;) {
      const { bytes, insn } = pick(rng, wanted)(rng);
      if (insn.flow === kind && !/mxcsr$|^fx/.test(insn.mnemonic)) return bytes;
    }
  };
}

/**
 * For sequences on x87 and MMX registers: mostly x87, but for instructions that may be an ulp off, and those that load
 * anything for a state.
 */
function x87Sampler(samplers: readonly CodeSampler[]): Sampler {
  const insnOf = (sample: CodeSampler) => sample(rngOf(1)).insn;
  const isStack = (insn: Inspected) => insn.x87 && insn.mnemonic.startsWith('f') && !LEFT_OUT.test(insn.mnemonic);
  const stack = samplers.filter((sample) => isStack(insnOf(sample)));
  const mmx = samplers.filter(
    (sample) => insnOf(sample).x87 && insnOf(sample).mmx.length > 0 && !isStack(insnOf(sample)),
  );
  const others = integerSampler(samplers);
  return (rng, kind) => {
    if (kind === 'branch' || chance(rng, 0.25)) return others(rng, kind);
    const from = chance(rng, 0.05) ? mmx : stack;
    for (;;) {
      const { bytes, insn } = pick(rng, from)(rng);
      if (insn.flow === kind && !LEFT_OUT.test(insn.mnemonic)) return bytes;
    }
  };
}
const LEFT_OUT = /^(fsin|fcos|fsincos|fptan|fpatan|f2xm1|fyl2x|fyl2xp1|fldenv|frstor|fx(save|rstor).*)$/;

/** Kinds of sequences by the file that they go to: how their instructions are chosen, and how many there are of each. */
export const SEQUENCES = {
  sequence: { sampler: integerSampler, share: 100, state: 'none' },
  'sse-sequence': {
    sampler: (samplers: readonly CodeSampler[]) => vectorSampler(samplers, ({ avx }) => !avx),
    share: 40,
    state: 'vectors',
  },
  'avx-sequence': {
    sampler: (samplers: readonly CodeSampler[]) => vectorSampler(samplers, () => true),
    share: 60,
    state: 'vectors',
  },
  'x87-sequence': { sampler: x87Sampler, share: 40, state: 'x87' },
} as const;
type SequenceName = keyof typeof SEQUENCES;

/** The vectors that a family has so far. */
function recorded(family: string): Vector[] {
  const file = join(OUT, `${family}.bin.gz`);
  return existsSync(file) ? unpackVectors(readFileSync(file)) : [];
}

/** What the fuzzer has found: recorded anew with all others, but not made anew. */
const FOUND = 'found-sequence';
/** Adds vectors to those that the fuzzer has found before. */
export function keepFound(vectors: readonly Vector[]): void {
  writeFileSync(join(OUT, `${FOUND}.bin.gz`), packVectors([...recorded(FOUND), ...vectors]));
}

const inspectedOf = ({ before }: Vector): Inspected => inspect(before.code, before.rip);

function main(): void {
  const options = {
    seed: { type: 'string', default: '1' },
    count: { type: 'string', default: '32' },
    only: { type: 'string' },
  } as const;
  const { values } = parseArgs({ options });
  const count = Number(values.count);
  const rng = rngOf(Number(values.seed));
  const silicon = new Silicon();
  let total = 0;
  const save = (name: string, vectors: readonly Vector[]) => {
    const packed = packVectors(vectors);
    writeFileSync(join(OUT, `${name}.bin.gz`), packed);
    const faults = vectors.filter((one) => one.after.trap !== TRAP_RETIRED).length;
    console.log(`${name.padEnd(10)} ${vectors.length} vectors, ${faults} faults, ${packed.length} bytes`);
    total += vectors.length;
  };
  try {
    const samplers = codeSamplers(rng);
    const sequences = (name: SequenceName, from: readonly CodeSampler[]) => {
      const { sampler, share, state } = SEQUENCES[name];
      return recordSequences(silicon, sampler(from), rng, count * share, state);
    };
    if (values.only !== undefined && values.only in SEQUENCES) {
      const name = values.only as SequenceName;
      save(name, sequences(name, samplers));
      return;
    }
    if (values.only !== undefined) {
      const names = new Set(values.only.split(','));
      const isWanted = (insn: Inspected) => names.has(insn.mnemonic) || names.has(familyOf(insn));
      const wanted = samplers.filter((sample) => isWanted(sample(rng).insn));
      const made = recordSingles(silicon, wanted, count, rng);
      for (const [family, list] of Map.groupBy(made, (one) => one.family)) {
        const others = recorded(family).filter((one) => !isWanted(inspectedOf(one)));
        save(family, [...others, ...list.map(({ vector }) => vector)]);
      }
      return;
    }
    const singles = recordSingles(silicon, samplers, count, rng);
    const known = [...new Set(singles.map(({ sample }) => sample))];
    const names = Object.keys(SEQUENCES) as SequenceName[];
    const made = names.map((name) => [name, sequences(name, known)] as const);
    const found = recorded(FOUND).map(({ before }) => before);
    const traces = silicon.run(found);
    rmSync(OUT, { recursive: true, force: true });
    mkdirSync(OUT, { recursive: true });
    for (const [name, list] of Map.groupBy(singles, ({ family }) => family))
      save(name, list.map(({ vector }) => vector)); // biome-ignore format: one line
    for (const [name, list] of made) save(name, list);
    if (found.length > 0)
      save(
        FOUND,
        found.flatMap((before, i) => vectorOf(before, traces[i]) ?? []),
      );
    console.log(`${total} vectors of ${known.length} encodings`);
  } finally {
    silicon.close();
  }
}

if (import.meta.main) main();
