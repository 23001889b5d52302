/** What Inspect says of a program here, held against what gdb said of the same program on Linux. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { REG_NAMES } from '../../../src/cpu/state.ts';
import { viewAreas } from '../../../src/debug/inspect/areas.ts';
import { backtrace } from '../../../src/debug/inspect/backtrace.ts';
import { disassembleAt } from '../../../src/debug/inspect/disassembly.ts';
import { findSymbol } from '../../../src/debug/inspect/modules.ts';
import { namesOfFlags, readRegisters } from '../../../src/debug/inspect/registers.ts';
import { type LaneType, lanesOf, readMxcsr, readVectors } from '../../../src/debug/inspect/vectors.ts';
import { readX87 } from '../../../src/debug/inspect/x87.ts';
import { loadImage, Machine } from '../../../src/index.ts';
import type { Task } from '../../../src/kernel/task/task.ts';
import type { GdbGoldens } from './gdb/record.ts';
import { standAt } from './machine.ts';

const HERE = new URL('gdb/', import.meta.url);
const LINES = new URL('../../elf/lines/', import.meta.url);
const goldens: GdbGoldens = JSON.parse(readFileSync(new URL('gdb.golden', HERE), 'utf8'));
/** Instructions between two that are recorded. */
const EACH = 3;

async function load(name: string): Promise<{ machine: Machine; task: Task }> {
  const bytes = readFileSync(new URL(name, name === 'registers' || name === 'no-tables' ? HERE : LINES));
  const machine = new Machine();
  return { machine, task: await machine.load(await loadImage(new Uint8Array(bytes), name), name) };
}

test.each(Object.entries(goldens.steps))(
  'registers and callers at every third instruction: %s',
  async (name, steps) => {
    expect(steps.length).toBeGreaterThan(15);
    const { machine, task } = await load(name);
    const start = readRegisters(task)!.general.rsp;
    const text = (value: bigint | undefined): string => {
      if (value === undefined) return 'unknown';
      const offset = BigInt.asIntN(64, value - start);
      return offset > -0x10000n && offset < 0x10000n
        ? `s${offset < 0n ? '' : '+'}${offset}`
        : `0x${value.toString(16)}`;
    };
    for (const [i, { registers, frames }] of steps.entries()) {
      const { general, rflags } = readRegisters(task)!;
      // Parity and half carry of what is done to RSP follow from where the stack is.
      const flags = (value: number): number => value & ~0x14;
      expect([i, flags(rflags), ...REG_NAMES.map((name) => text(general[name]))]).toEqual([i, flags(Number(registers[0])), ...registers.slice(1)]); // biome-ignore format: one line
      const found = backtrace(task).map(({ rip, rsp }) => [`0x${rip.toString(16)}`, text(rsp)]);
      // Where nobody has called, gdb takes the words above for return addresses.
      expect([i, ...found]).toEqual([i, ...frames.slice(0, found.length)]);
      const next = frames[found.length];
      if (next !== undefined) expect(viewAreas(task).some(({ start, end, rights }) => isIn(next[0], start, end) && rights[2] === 'x')).toBe(false); // biome-ignore format: one line
      machine.kernel.run(EACH);
    }
  },
);

const isIn = (address: string, start: bigint, end: bigint): boolean =>
  BigInt(address) - 1n >= start && BigInt(address) - 1n < end;

describe('registers of every kind', async () => {
  const { machine, task } = await load('registers');
  const here = findSymbol(task, 'here')!.address;
  while (readRegisters(task)!.rip !== here) machine.kernel.run(1);
  const printed = goldens.registers;

  test('general registers, segments and flags', () => {
    const { general, rip, rflags, segments, fsBase } = readRegisters(task)!;
    for (const [name, value] of Object.entries({ ...general, rip, ...segments, fs_base: fsBase })) {
      const wanted = printed[`p/x $${name}`];
      if (wanted !== undefined) expect([name, BigInt(value)]).toEqual([name, BigInt(wanted)]);
    }
    expect(`[ ${namesOfFlags(rflags).join(' ')} ]`).toBe(printed['p $eflags']);
  });

  test('vector registers in every type', () => {
    const vectors = readVectors(task)!;
    let compared = 0;
    for (const [command, wanted] of Object.entries(printed)) {
      const match = /^p(\/x)? \$([xy])mm(\d+)\.(?:v\d+_)?(int|uint|float|double)(\d*)$/.exec(command);
      if (match === null) continue;
      const [, , size, number, kind, bits] = match;
      const bytes = vectors[Number(number)].bytes.subarray(0, size === 'x' ? 16 : 32);
      const type = (
        kind === 'float' ? 'f32' : kind === 'double' ? 'f64' : bits === '128' ? 'u128' : `i${bits}`
      ) as LaneType;
      const values = wanted.replace(/[{}]/g, '').split(', ');
      const parsed = values.map((value) => (/^(?:u128|i64)$/.test(type) ? BigInt(value) : Number(value)));
      const rounded = type === 'f32' ? parsed.map((value) => Math.fround(Number(value))) : parsed;
      expect([command, ...lanesOf(bytes, type)]).toEqual([command, ...rounded]);
      compared++;
    }
    expect(compared).toBe(8);
    const { value, names, rounding } = readMxcsr(task)!;
    expect(value).toBe(Number(printed['p/x $mxcsr']));
    expect(`[ ${names.join(' ')} ]`).toBe(printed['p $mxcsr']);
    expect(rounding).toBe('down');
  });

  test('the x87 stack and its words', () => {
    const state = readX87(task)!;
    const words = { fctrl: state.control, fstat: state.status, ftag: state.tagWord };
    for (const [name, value] of Object.entries(words)) expect([name, value]).toEqual([name, Number(printed[`p/x $${name}`])]); // biome-ignore format: one line
    expect(state).toMatchObject({ exceptions: ['ZE'], precision: '53 bits', rounding: 'up' });
    for (const { index, bytes, value } of state.stack) {
      const [, decimal, raw] = /^st\d\s+(\S+)\s+\(raw 0x([0-9a-f]+)\)$/.exec(printed[`info registers st${index}`])!;
      expect(Buffer.from(bytes).reverse().toString('hex')).toBe(raw);
      expect(value).toBe(decimal === 'inf' ? Infinity : Number(decimal));
    }
  });
});

test.each(Object.entries(goldens.code))(
  'instructions begin where gdb says, with its symbols: %s',
  async (name, code) => {
    expect(code.length).toBeGreaterThan(50);
    const { task } = await standAt(name, 0);
    const lines = disassembleAt(task, BigInt(code[0][0]), code.length);
    for (const [i, [address, place]] of code.entries()) {
      const { symbol, offset } = lines[i].symbol!;
      const [name, wanted = '0'] = place.split('+');
      expect([lines[i].address, symbol.name, offset]).toEqual([BigInt(address), name, Number(wanted)]);
    }
  },
);
