/** The decoder against iced-x86, on every encoding and on random bytes, and what 64-bit mode makes of prefixes. */
import { describe, expect, test } from 'vitest';
import { allEncodings, decode } from '../../src/cpu/decode.ts';
import { disassemble } from '../../src/cpu/disasm.ts';
import type { DecodeFailure, Insn } from '../../src/cpu/isa/define.ts';
import { rngOf, sampleEncoding } from '../helpers/encode.ts';
import { decodeWithIced } from '../helpers/iced.ts';

const RIP = 0x401000n;
const RANDOM = 200_000;
const SAMPLES = 200;
const SHOWN = 10;

const bytesOf = (text: string): Uint8Array => Uint8Array.from(text.split(' '), (byte) => Number.parseInt(byte, 16));
const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const decodeText = (text: string): Insn | DecodeFailure => {
  const bytes = bytesOf(text);
  return decode(bytes, 0, bytes.length, RIP);
};

/**
 * What differs, or undefined. iced-x86 1.21 looks at the low half of an absolute address alone when it decides for a
 * decimal digit, and shows nothing else; those are not compared.
 */
function difference(bytes: Uint8Array): string | undefined {
  const ours = decode(bytes, 0, bytes.length, RIP);
  if (typeof ours === 'string') return undefined;
  const theirs = decodeWithIced(bytes, RIP);
  const text = disassemble(ours);
  const code = textOf(bytes.subarray(0, ours.length));
  if (theirs === undefined) return `${code}: ${text}, invalid for iced`;
  if (theirs.length !== ours.length) return `${code}: ${text} of ${ours.length} bytes, not ${theirs.length}`;
  if (theirs.text === text || /\[qword (?:.s:)?\d\]/.test(theirs.text)) return undefined;
  return `${code}: ${text}, not ${theirs.text}`;
}

test('every encoding decodes as iced has it, in length and text', () => {
  const rng = rngOf(1);
  const wrong: string[] = [];
  for (const { def, index } of allEncodings()) {
    for (let i = 0; i < SAMPLES; i++) {
      const bytes = sampleEncoding(def, index, rng);
      const ours = decode(bytes, 0, bytes.length, RIP);
      const found = typeof ours === 'string' ? undecoded(bytes, ours) : difference(bytes);
      if (found !== undefined) wrong.push(`${def.mnemonic} ${def.encodings[index].slice(0, 2).join('; ')}: ${found}`);
    }
  }
  expect(wrong.slice(0, SHOWN)).toEqual([]);
});
function undecoded(bytes: Uint8Array, failure: DecodeFailure): string | undefined {
  const theirs = decodeWithIced(bytes, RIP);
  return theirs && `${textOf(bytes)}: ${failure}, but ${theirs.text} for iced`;
}

test('200,000 random byte strings: what decodes, decodes as iced has it', () => {
  const rng = rngOf(2);
  const bytes = new Uint8Array(16);
  const wrong: string[] = [];
  let decoded = 0;
  for (let i = 0; i < RANDOM; i++) {
    for (let at = 0; at < bytes.length; at++) bytes[at] = rng() * 256;
    if (typeof decode(bytes, 0, bytes.length, RIP) !== 'string') decoded++;
    const found = difference(bytes);
    if (found !== undefined) wrong.push(found);
  }
  expect(wrong.slice(0, SHOWN)).toEqual([]);
  expect(decoded).toBeGreaterThan(RANDOM / 2);
});

test('a decoded instruction is truncated at every shorter end', () => {
  const rng = rngOf(3);
  for (const { def, index } of allEncodings()) {
    const bytes = sampleEncoding(def, index, rng);
    const whole = decode(bytes, 0, bytes.length, RIP);
    if (typeof whole === 'string') continue;
    for (let end = 0; end < whole.length; end++)
      expect(decode(bytes, 0, end, RIP), `${textOf(bytes)} ending at ${end}`).toBe('truncated');
  }
});

describe('failures', () => {
  test.each<[string, string, DecodeFailure]>([
    ['06', 'PUSH ES is not in 64-bit mode', 'invalid'],
    ['ce', 'INTO is not in 64-bit mode', 'invalid'],
    ['ea 00 00 00 00 00 00', 'far JMP is not in 64-bit mode', 'invalid'],
    ['f0 01 d8', 'LOCK with a register destination', 'invalid'],
    ['f0 8b 00', 'LOCK on a load', 'invalid'],
    ['f0 39 00', 'LOCK on CMP', 'invalid'],
    ['f0 90', 'LOCK on NOP', 'invalid'],
    ['8e c8', 'MOV to CS', 'invalid'],
    ['8c f0', 'segment register 6', 'invalid'],
    ['8d c0', 'LEA of a register', 'invalid'],
    ['0f c7 c8', 'CMPXCHG8B of a register', 'invalid'],
    ['66 c4 e2 78 f2 c0', '66 before VEX', 'invalid'],
    ['c4 e3 73 f0 c0 01', 'VEX.vvvv in use where it names no operand', 'invalid'],
    ['48', 'REX alone', 'truncated'],
    ['66 66 66 66 66 66 66 66 66 66 66 66 66 66 66 90', 'sixteen bytes', 'long'],
    ['66 66 66 66 66 66 66 66 66 66 66 81 04 24 00 00 00', 'an immediate past the fifteenth byte', 'long'],
  ])('%s (%s): %s', (code, _why, failure) => {
    expect(decodeText(code)).toBe(failure);
  });
  test('fifteen bytes are not too many', () => {
    expect(decodeText('66 66 66 66 66 66 66 66 66 66 66 66 66 66 90 90')).toMatchObject({ length: 15 });
  });
});

describe('prefixes', () => {
  const insn = (code: string): Insn => {
    const decoded = decodeText(code);
    if (typeof decoded === 'string') throw new Error(decoded);
    return decoded;
  };
  test('REX counts only right before the opcode', () => {
    expect(insn('48 66 01 d8').width).toBe(16);
    expect(insn('66 48 01 d8').width).toBe(64);
  });
  test('without REX 4 to 7 are AH, CH, DH, BH; with it SPL, BPL, SIL, DIL', () => {
    expect(insn('88 e0').ops[1]).toMatchObject({ reg: 0, high: true });
    expect(insn('40 88 e0').ops[1]).toMatchObject({ reg: 4, high: false });
  });
  test('the stack moves 64 or 16 bits, never 32', () => {
    expect(insn('50').width).toBe(64);
    expect(insn('66 50').width).toBe(16);
    expect(insn('66 48 50').width).toBe(64);
  });
  test('66 does nothing to near branches', () => {
    expect(insn('66 e8 00 00 00 00')).toMatchObject({ length: 6, width: 64, ops: [{ target: RIP + 6n }] });
    expect(insn('66 c3').width).toBe(64);
  });
  test('RIP-relative addresses count from the end of the instruction, immediate included', () => {
    expect(insn('81 05 10 00 00 00 01 02 03 04').ops[0]).toMatchObject({ disp: RIP + 0x1an, ripRelative: true });
    expect(insn('67 8b 05 00 00 00 80').ops[1]).toMatchObject({ disp: (RIP + 7n - 0x8000_0000n) & 0xffff_ffffn });
  });
  test('FS and GS stay against the segments that do nothing', () => {
    expect(insn('64 3e 8b 00').ops[1]).toMatchObject({ segment: 'fs' });
    expect(insn('3e 65 8b 00').ops[1]).toMatchObject({ segment: 'gs' });
  });
  test('an immediate of 32 bits is sign-extended to 64, that of B8+r is not', () => {
    expect(insn('48 81 c0 00 00 00 80').ops[1]).toMatchObject({ value: 0xffff_ffff_8000_0000n });
    expect(insn('48 b8 00 00 00 80 00 00 00 00').ops[1]).toMatchObject({ value: 0x8000_0000n, bytes: 8 });
  });
  test('REX.B makes XCHG of NOP, F3 makes PAUSE of both', () => {
    expect(insn('90').def.mnemonic).toBe('nop');
    expect(insn('41 90').def.mnemonic).toBe('xchg');
    expect(insn('f3 90').def.mnemonic).toBe('pause');
    expect(insn('f2 90').def.mnemonic).toBe('nop');
  });
  test('REP is kept where something repeats', () => {
    expect(insn('f3 a4').rep).toBe('rep');
    expect(insn('f2 ae').rep).toBe('repne');
    expect(insn('f3 01 00').rep).toBeUndefined();
  });
});
