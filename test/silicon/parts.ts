/**
 * Code as a list of instructions of which some can be left out: what leads from one to another, and to data by RIP, is
 * led there again.
 */
import { type Inspected, inspect } from './inspect.ts';
import { bytesOf } from './values.ts';

/** One instruction. */
export interface Part {
  readonly bytes: Uint8Array;
  readonly link?: Link | undefined;
}
/** A displacement from the instruction's end. */
export interface Link {
  /** Where in the instruction it stands, and how many bytes it has. */
  readonly at: number;
  readonly size: number;
  /** An instruction's place in the list, or the list's length for the code's end; or an address that does not move. */
  readonly target: number | bigint;
}

/** The displacement of a near branch, or of an operand relative to RIP. */
function linkOf(insn: Inspected): { at: number; bytes: number } | undefined {
  if (insn.ripRelative) return insn.displacement;
  const isBranch = /^(j|call|loop)/.test(insn.mnemonic) && insn.operands[0]?.kind === 'other';
  return isBranch ? insn.immediate : undefined;
}

/** The instructions of code that stands at `rip`, one behind the other. */
export function partsOf(code: Uint8Array, rip: bigint): Part[] {
  const starts: number[] = [];
  const found: { bytes: Uint8Array; field: { at: number; bytes: number } | undefined }[] = [];
  for (let at = 0; at < code.length; ) {
    const insn = inspect(code.subarray(at), rip + BigInt(at));
    const length = Math.max(1, insn.length);
    starts.push(at);
    found.push({ bytes: code.slice(at, at + length), field: insn.valid ? linkOf(insn) : undefined });
    at += length;
  }
  starts.push(code.length);
  return found.map(({ bytes, field }, index) => {
    if (!field) return { bytes };
    const value = bytes
      .slice(field.at, field.at + field.bytes)
      .reduceRight((all, byte) => (all << 8n) | BigInt(byte), 0n);
    const offset = BigInt(starts[index + 1]) + BigInt.asIntN(8 * field.bytes, value);
    const inside = starts.indexOf(Number(offset));
    return { bytes, link: { at: field.at, size: field.bytes, target: inside < 0 ? rip + offset : inside } };
  });
}

export interface Assembled {
  readonly code: Uint8Array;
  /** Of each part in the list, the offset of what is left of it: its own, or that of the next one that is there; then the end. */
  readonly starts: readonly number[];
}

/** Code for `rip` of the parts that are kept. Undefined if a displacement does not fit. */
export function assemble(
  parts: readonly Part[],
  rip: bigint,
  isKept: (index: number) => boolean,
): Assembled | undefined {
  const starts: number[] = [];
  let length = 0;
  for (const [index, { bytes }] of parts.entries()) {
    starts.push(length);
    if (isKept(index)) length += bytes.length;
  }
  starts.push(length);
  const code = new Uint8Array(length);
  for (const [index, { bytes, link }] of parts.entries()) {
    if (!isKept(index)) continue;
    code.set(bytes, starts[index]);
    if (!link) continue;
    const end = BigInt(starts[index] + bytes.length);
    const value = (typeof link.target === 'bigint' ? link.target - rip : BigInt(starts[link.target])) - end;
    if (BigInt.asIntN(8 * link.size, value) !== value) return undefined;
    code.set(bytesOf(value, link.size), starts[index] + link.at);
  }
  return { code, starts };
}
