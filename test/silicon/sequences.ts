/**
 * Random sequences of instructions that run on silicon without faulting (but now and then at their end), grown one
 * instruction at a time from the state the CPU is in: memory operands are led into the data pages by a `mov reg, imm64`
 * before them, branches go forward over instructions that are then not executed, and some sequences end in a loop.
 */
import { executedOf, undefinedAfter, walkTrace } from './executed.ts';
import { type Inspected, inspect } from './inspect.ts';
import { undefinedResult } from './undefined.ts';
import {
  below,
  bits,
  bytesOf,
  chance,
  extendedBytes,
  interesting,
  mxcsrWord,
  pick,
  type Rng,
  SHIFT_COUNTS,
  vectorBytes,
} from './values.ts';
import { defaultRegister, type Vector } from './vector-file.ts';
import { type Case, CODE_AT, DATA_AT, FLAGS_MASK, initialX87, type Patch, RW_BYTES, type Silicon, type Step, TRAP_RETIRED, TRAP_SPOILT, type VectorState } from './wire.ts'; // biome-ignore format: one line

/** Bytes of one random instruction; `branch` asks for a conditional one. */
export type Sampler = (rng: Rng, kind: 'next' | 'branch') => Uint8Array;

const MOST_BYTES = 240;
const MOST_STEPS = 256;
/** Counts the turns of a loop; its instructions leave it alone. */
const COUNTER = 15;

/** A branch that was not taken: its displacement is settled when the instruction it would go to exists. */
interface Pending {
  readonly field: number;
  readonly bytes: number;
  readonly end: number;
  /** Instructions yet to come before the target. */
  left: number;
}

/** Which state sequences are about, beside general registers, flags and memory. */
export type SequenceState = 'none' | 'vectors' | 'x87';

/** Some registers in use, mostly with all exceptions masked. */
function x87Image(rng: Rng): Uint8Array {
  const image = initialX87();
  const masks = chance(rng, 0.9) ? 0x3f : below(rng, 64);
  image.set([0x40 | masks, (chance(rng, 0.6) ? 3 : below(rng, 4)) | (below(rng, 4) << 2)]);
  const [top, depth] = [below(rng, 8), 2 + below(rng, 6)];
  image[3] = top << 3;
  for (let n = 0; n < 8; n++) {
    image.set(extendedBytes(rng), 32 + 16 * n);
    if (n < depth) image[4] |= 1 << ((top + n) & 7);
  }
  return image;
}

class Sequence {
  readonly start: Case;
  readonly wanted: number;
  readonly loops: boolean;
  code: number[] = [];
  now: {
    gpr: BigUint64Array;
    flags: number;
    fsBase: bigint;
    gsBase: bigint;
    writes: readonly Patch[];
    vector?: VectorState;
  };
  undefinedFlags = 0;
  instructions = 0;
  done = false;
  pending: Pending[] = [];

  constructor(rng: Rng, rip: bigint, state: SequenceState) {
    const gpr = BigUint64Array.from({ length: 16 }, (_, i) => (i === 4 ? defaultRegister(4) : interesting(rng, 64)));
    this.loops = chance(rng, 0.3);
    if (this.loops) gpr[COUNTER] = (bits(rng, 32) << 32n) | BigInt(1 + below(rng, 4));
    const flags = Number(bits(rng, 16)) & FLAGS_MASK & (chance(rng, 0.9) ? ~0x400 : ~0);
    const bases = { fsBase: DATA_AT + 8n, gsBase: 0x1008n };
    const halves = () =>
      Uint8Array.from(Array.from({ length: state === 'none' ? 0 : 16 }, () => [...vectorBytes(rng)]).flat());
    const registers = { xmm: halves(), mxcsr: mxcsrWord(rng, 0.1) };
    const vector =
      state === 'none'
        ? {}
        : { vector: { ...registers, ...(state === 'x87' ? { x87: x87Image(rng) } : { ymmHigh: halves() }) } };
    this.start = { code: new Uint8Array(), rip, gpr, flags, ...bases, ...vector, patches: [], maxSteps: MOST_STEPS };
    this.now = { gpr, flags, ...bases, ...vector, writes: [] };
    this.wanted = 5 + below(rng, 16);
  }
  get rip(): bigint {
    return this.start.rip + BigInt(this.code.length);
  }
}

interface Attempt {
  readonly sequence: Sequence;
  readonly insn: Inspected;
  readonly parts: readonly Uint8Array[];
  readonly case: Case;
}

const movImm64 = (register: number, value: bigint): Uint8Array =>
  Uint8Array.from([register < 8 ? 0x48 : 0x49, 0xb8 | (register & 7), ...bytesOf(value, 8)]);

/** Instructions that make the memory operands of `insn` point into the data pages; undefined when that is too hard. */
function leadIn(insn: Inspected, gpr: BigUint64Array, sequence: Sequence, rng: Rng): Uint8Array[] | undefined {
  const made: Uint8Array[] = [];
  const values = gpr.slice();
  const load = (register: number, value: bigint) => {
    made.push(movImm64(register, value));
    values[register] = BigInt.asUintN(64, value);
  };
  const cl = insn.operands.find((one) => one.kind === 'register' && one.number === 1 && one.width === 8);
  if (cl && chance(rng, 0.7)) load(1, BigInt(pick(rng, SHIFT_COUNTS)));
  if (insn.repeated && insn.registers.includes(1)) load(1, BigInt(below(rng, 9)));
  const spare = insn.registers.filter((register) => register !== 4);
  if (spare.length > 0 && chance(rng, 0.2)) load(pick(rng, spare), interesting(rng, 64));
  const offset = insn.operands[1];
  if (/^bt[crs]?$/.test(insn.mnemonic) && insn.memory.length > 0 && offset?.kind === 'register')
    load(offset.number, BigInt(below(rng, 512)));
  const settled = new Set<number>();
  for (const { base, index, scale, displacement, segment, bytes } of insn.memory) {
    const read = (register: { number: number; width: number } | undefined) =>
      register ? BigInt.asUintN(register.width, values[register.number]) : 0n;
    const segmentBase = segment === 'fs' ? sequence.now.fsBase : segment === 'gs' ? sequence.now.gsBase : 0n;
    const rest = read(index) * BigInt(scale) + displacement;
    const width = base?.width === 32 || index?.width === 32 ? 32 : 64;
    const at = BigInt.asUintN(width, read(base) + rest) + segmentBase;
    if (at >= DATA_AT && at + BigInt(bytes) <= DATA_AT + BigInt(RW_BYTES) && !insn.locked && !insn.sse) continue;
    if (!base || base.number === index?.number || settled.has(base.number)) return undefined;
    const aligned = DATA_AT + BigInt(insn.avx ? 512 + 32 * below(rng, 224) : 512 + 16 * below(rng, 448));
    load(base.number, aligned + (insn.locked || insn.sse || chance(rng, 0.3) ? 0n : bits(rng, 4)) - rest - segmentBase);
    settled.add(base.number);
  }
  return made;
}

const writesStackPointer = (insn: Inspected): boolean =>
  insn.operands[0]?.kind === 'register' && insn.operands[0].number === 4 && insn.mnemonic !== 'push';

function attempt(sequence: Sequence, sample: Sampler, rng: Rng): Attempt | undefined {
  const { gpr, flags, fsBase, gsBase, writes, vector } = sequence.now;
  const code = sample(rng, chance(rng, 0.12) ? 'branch' : 'next').slice();
  let insn = inspect(code, sequence.rip);
  if (insn.flow === 'other' || (writesStackPointer(insn) && chance(rng, 0.9))) return undefined;
  if (insn.flagsRead & sequence.undefinedFlags) return undefined;
  if (sequence.loops && insn.registers.includes(COUNTER)) return undefined;
  if (insn.flow === 'branch') {
    if (!insn.immediate || code[0] === 0x66) return undefined;
    code.set(bytesOf(1n, insn.immediate.bytes), insn.immediate.at);
  }
  const { displacement } = insn;
  if (displacement && insn.memory[0] && !insn.memory[0].base && !insn.memory[0].index) {
    const target = DATA_AT + BigInt(512 + below(rng, 6000));
    const value = insn.ripRelative ? target - sequence.rip - BigInt(code.length) : target;
    code.set(bytesOf(insn.memory[0].segment ? target - fsBase : value, displacement.bytes), displacement.at);
    insn = inspect(code, sequence.rip);
    if (insn.ripRelative || insn.memory[0]?.segment === 'gs') {
      // The lead-in would move it: none is needed.
      if (insn.memory[0].segment) return undefined;
      return finishAttempt([]);
    }
  }
  const lead = leadIn(insn, gpr, sequence, rng);
  return lead && finishAttempt(lead);

  function finishAttempt(before: Uint8Array[]): Attempt {
    const parts = [...before, code];
    const state = { rip: sequence.rip, gpr, flags, fsBase, gsBase, patches: writes, maxSteps: parts.length };
    const at = vector ? { ...state, vector } : state;
    return { sequence, insn, parts, case: { code: Uint8Array.from(parts.flatMap((part) => [...part])), ...at } };
  }
}

/** Appends an instruction, and settles the branches that were waiting for it to begin. */
function append(sequence: Sequence, part: Uint8Array): void {
  const { code } = sequence;
  for (const one of sequence.pending) {
    if (one.left-- === 0) code.splice(one.field, one.bytes, ...bytesOf(BigInt(code.length - one.end), one.bytes));
  }
  sequence.pending = sequence.pending.filter((one) => one.left >= 0);
  code.push(...part);
}

function accept({ sequence, insn, parts }: Attempt, trace: readonly Step[], sample: Sampler, rng: Rng): void {
  const last = trace.at(-1);
  if (!last) return;
  const state = trace.length > 1 ? trace[trace.length - 2].gpr : sequence.now.gpr;
  if (trace.length < parts.length || undefinedResult(executedOf(insn, state))) return;
  if (last.trap !== TRAP_RETIRED) {
    if (!chance(rng, 0.03) || last.cr2 >> 47n) return;
    for (const part of parts) append(sequence, part);
    sequence.done = true;
    return;
  }
  const carried = sequence.now.writes.length > 0 ? mergeWrites(sequence.now.writes, last.writes) : last.writes;
  for (const part of parts) append(sequence, part);
  const end = sequence.code.length;
  if (insn.flow === 'branch' && insn.immediate) {
    const field = end - insn.length + insn.immediate.at;
    const taken = last.rip !== sequence.rip;
    if (taken) {
      for (let n = 1 + below(rng, 3); n > 0; n--) append(sequence, sample(rng, 'next'));
      sequence.code.splice(field, insn.immediate.bytes, ...bytesOf(BigInt(sequence.code.length - end), insn.immediate.bytes)); // biome-ignore format: one line
    } else sequence.pending.push({ field, bytes: insn.immediate.bytes, end, left: 1 + below(rng, 3) });
  }
  const { gpr, flags, fsBase, gsBase, vector } = last;
  sequence.now = { gpr, flags, fsBase, gsBase, writes: carried, ...(vector ? { vector } : {}) };
  sequence.undefinedFlags = undefinedAfter(insn, state, sequence.undefinedFlags);
  sequence.instructions++;
  if (sequence.instructions >= sequence.wanted || sequence.code.length > MOST_BYTES) sequence.done = true;
}

/** Bytes written so far as patches for the next case, which reports changes against them. */
function mergeWrites(earlier: readonly Patch[], later: readonly Patch[]): Patch[] {
  const bytes = new Map<number, number>();
  for (const { at, bytes: run } of [...earlier, ...later])
    for (const [i, byte] of run.entries()) bytes.set(at + i, byte);
  const merged: { at: number; bytes: number[] }[] = [];
  for (const [at, byte] of [...bytes].sort(([a], [b]) => a - b)) {
    const last = merged.at(-1);
    if (last && last.at + last.bytes.length === at) last.bytes.push(byte);
    else merged.push({ at, bytes: [byte] });
  }
  return merged.map((one) => ({ at: one.at, bytes: Uint8Array.from(one.bytes) }));
}

/** Branches that still wait go to the end; a loop's counter is counted down there. */
function finish(sequence: Sequence): Case {
  const { code } = sequence;
  for (const { field, bytes, end } of sequence.pending)
    code.splice(field, bytes, ...bytesOf(BigInt(code.length - end), bytes));
  if (sequence.loops) {
    const [counter, back] = [
      [0x41, 0xff, 0xcf],
      [0x0f, 0x85],
    ]; // dec r15d; jnz
    code.push(...counter, ...back);
    code.push(...bytesOf(-BigInt(code.length + 4), 4));
  }
  return { ...sequence.start, code: Uint8Array.from(code) };
}

/** As many sequences as asked for, with what the CPU made of them; with vector state or without. */
export function recordSequences(
  silicon: Silicon,
  sample: Sampler,
  rng: Rng,
  count: number,
  state: SequenceState = 'none',
): Vector[] {
  const sequences = Array.from({ length: count }, () => {
    const rip = chance(rng, 0.8) ? CODE_AT + 0x400n : CODE_AT + 0x1000n - BigInt(1 + below(rng, 120));
    return new Sequence(rng, rip, state);
  });
  for (let round = 0; round < 60; round++) {
    const open = sequences.filter(({ done }) => !done);
    const attempts = open.map((one) => attempt(one, sample, rng)).filter((one) => one !== undefined);
    if (attempts.length === 0) break;
    const traces = silicon.run(attempts.map((one) => one.case));
    for (const [i, one] of attempts.entries()) accept(one, traces[i], sample, rng);
  }
  const cases = sequences.map((one) => finish(one));
  return silicon.run(cases).flatMap((trace, i) => vectorOf(cases[i], trace) ?? []);
}

/** A vector of a case and its trace, cut where the manual leaves open what comes next; undefined if nothing is left. */
export function vectorOf(before: Case, trace: readonly Step[]): Vector | undefined {
  const { steps, undefinedFlags } = walkTrace(before, trace);
  const after = steps.at(-1);
  if (!after || after.trap === TRAP_SPOILT) return undefined;
  const retired = steps.length - (after.trap === TRAP_RETIRED ? 0 : 1);
  // Cut in the middle: the code ends there too, unless it is needed again.
  const end = Number(after.rip - before.rip);
  const cut = steps.length < trace.length && after.trap === TRAP_RETIRED && end > 0 && end < before.code.length;
  const ends = cut && steps.slice(0, -1).every(({ rip }) => rip < after.rip);
  const code = ends ? before.code.slice(0, end) : before.code;
  return { before: { ...before, code, maxSteps: steps.length }, retired, after, undefinedFlags };
}
