/** The fuzzer's minimiser against a machine that computes one instruction wrongly on purpose. */
import { expect, test } from 'vitest';
import type { Paddr } from '../../src/base/ints.ts';
import { Cpu } from '../../src/cpu/run.ts';
import { codeSamplers } from './codes.ts';
import { TestMachine } from './machine.ts';
import { fewest, minimise } from './minimise.ts';
import { assemble, partsOf } from './parts.ts';
import { setsOf } from './programs.ts';
import { listing } from './report.ts';
import { rngOf } from './values.ts';
import { defaultRegister, defaultRegisters } from './vector-file.ts';
import { type Case, CODE_AT, XMM_BYTES } from './wire.ts';

const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'));
const RIP = CODE_AT + 0x400n;

const caseOf = (code: string, registers: Readonly<Record<number, bigint>> = {}): Case => ({
  code: bytes(code), rip: RIP, flags: 0x8c5, fsBase: 0x1008n, gsBase: 8n, patches: [{ at: 5, bytes: Uint8Array.of(1, 2) }], maxSteps: 256,
  gpr: defaultRegisters().map((value, index) => registers[index] ?? value ^ 0x1234n),
  vector: { xmm: new Uint8Array(XMM_BYTES).fill(7), mxcsr: 0x7fa0 },
}); // biome-ignore format: a line for each kind of state

const machine = new TestMachine();
const cpu = new Cpu(machine.frames, { coldRuns: Number.POSITIVE_INFINITY });

/** RAX after the case; `spoil` may change the state after each instruction, given its address. */
function raxOf(before: Case, spoil: (at: bigint) => void): bigint {
  machine.load({ before } as never);
  cpu.switchTo(machine.cr3 as Paddr);
  const end = before.rip + BigInt(before.code.length);
  for (let steps = 0; steps < before.maxSteps && machine.state.rip < end; steps++) {
    const at = machine.state.rip;
    if (cpu.run(1).kind !== 'budget') break;
    spoil(at);
  }
  return machine.state.reg(0);
}

/** IMUL RAX, RBX is wrong by one if RBX is more than a byte. */
function differs(before: Case): boolean {
  const spoil = (at: bigint) => {
    const from = Number(at - before.rip);
    const isWrong = Buffer.from(before.code.slice(from, from + 4)).toString('hex') === '480fafc3';
    if (isWrong && machine.state.reg(3) > 0xff) machine.state.setReg(0, machine.state.reg(0) + 1n);
  };
  return raxOf(before, spoil) !== raxOf(before, () => {});
}

test('what is left is the instruction that is wrong, what it needs before it, and the registers that matter', () => {
  // add rcx, rdx; mov rbx, rsi; nop; jz +3; imul rax, rbx; add rdx, rcx; sub rdi, rdx; dec r15d; jnz back to the start
  const before = caseOf('48 01 d1  48 89 f3  90  74 07  48 0f af c3  48 01 ca  48 29 d7  41 ff cf  75 e8', {
    0: 5n, 3: 7n, 6: 0x1_2345n, 15: 3n,
  }); // biome-ignore format: one line
  const small = minimise({ ...before, flags: 0 }, differs);
  expect(listing(small).map((line) => line.replace(/^\S+ +\S+ +/, ''))).toEqual(['imul rax,rbx']);
  const changed = [...small.gpr.keys()].filter((index) => small.gpr[index] !== defaultRegister(index));
  expect(changed).toEqual([]);
  expect(small).toMatchObject({ flags: 0, fsBase: 0n, gsBase: 0n, patches: [], maxSteps: 1 });
  expect(small.vector).toBeUndefined();
});

test('a fault that needs a second turn keeps the jump back', () => {
  // imul rax, rbx; inc rbx; dec r15d; jnz back: RBX is wide enough in the second turn only
  const before = caseOf('90 48 0f af c3 48 ff c3 90 41 ff cf 75 f3', { 0: 5n, 3: 0xffn, 15: 2n });
  const onlyTwice = (one: Case) => {
    let times = 0;
    raxOf(one, (at) => {
      if (Buffer.from(one.code.slice(Number(at - one.rip))).toString('hex').startsWith('480fafc3')) times++;
    });
    return times >= 2 && differs(one);
  }; // biome-ignore format: short
  const texts = listing(minimise(before, onlyTwice)).map((line) => line.replace(/^\S+ +\S+ +/, '').split(' ')[0]);
  expect(texts).toEqual(['imul', 'jne']);
});

test('branches and operands relative to RIP lead to the same place when instructions between are left out', () => {
  // jmp over two; nop; nop; mov rax, [rip+0x100]; jmp back to the mov; call the end
  const code = bytes('eb 02 90 90 48 8b 05 00 01 00 00 eb f7 e8 00 00 00 00');
  const parts = partsOf(code, RIP);
  expect(parts.map(({ link }) => link?.target)).toEqual([3, undefined, undefined, RIP + 0x10bn, 3, 6]);
  expect(assemble(parts, RIP, () => true)?.code).toEqual(code);
  const fewer = assemble(parts, RIP, (index) => index !== 1 && index !== 2);
  expect(fewer?.code).toEqual(bytes('eb 00 48 8b 05 02 01 00 00 eb f7 e8 00 00 00 00'));
  expect(fewer?.starts).toEqual([0, 2, 2, 2, 9, 11, 16]);
});

test('fewest leaves a set of which none can go', () => {
  const items = Array.from({ length: 40 }, (_, index) => index);
  expect(fewest(items, (kept) => [3, 17, 18, 39].every((one) => kept.includes(one)))).toEqual([3, 17, 18, 39]);
  expect(fewest(items, () => true)).toEqual([]);
});

test('programs are made of every set', () => {
  const rng = rngOf(1);
  const sets = setsOf(codeSamplers(rng), rng);
  const wanted = ['integer', 'string', 'x87', 'mmx', 'SSE', 'SSE2', 'SSE3', 'SSSE3', 'SSE4_1', 'SSE4_2', 'AES', 'PCLMULQDQ', 'SHA', 'AVX', 'AVX2', 'FMA', 'F16C', 'gather']; // biome-ignore format: one line
  expect([...sets.keys()].sort()).toEqual(wanted.sort());
});
