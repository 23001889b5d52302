/**
 * Where a function's return address and its caller's registers are, by reading its code from the start: what PUSH, SUB RSP
 * and their like have done on the way to an instruction. For code without unwind tables, such as assembly. Direct jumps are
 * followed both ways; what an indirect one leads to is not known.
 */
import { decode } from '../../cpu/decode.ts';
import type { Insn } from '../../cpu/isa/define.ts';
import type { Operand } from '../../cpu/isa/operand.ts';
import { RBP, RSP } from '../../cpu/state.ts';

export interface FrameSetup {
  /** The register that tells where the return address is, and how far above it that is. */
  readonly base: typeof RSP | typeof RBP;
  readonly offset: number;
  /** By encoding: how far below the return address a register of the caller is kept. */
  readonly saved: ReadonlyMap<number, number>;
}

/** Bytes between the return address and what RSP and RBP point to; undefined: not known. */
interface Depths {
  readonly rsp: number | undefined;
  readonly rbp: number | undefined;
  readonly saved: ReadonlyMap<number, number>;
}

const AT_ENTRY: Depths = { rsp: 0, rbp: undefined, saved: new Map() };

/** Instructions read before it is given up. */
const MOST_INSTRUCTIONS = 5000;

/** Undefined: no way leads to the instruction at `rip`, or what holds there is not known. `read` gives the bytes from an address on. */
export function frameSetupAt(
  read: (address: bigint) => Uint8Array,
  start: bigint,
  rip: bigint,
): FrameSetup | undefined {
  const known = new Set<bigint>();
  const ways: { at: bigint; depths: Depths }[] = [{ at: start, depths: AT_ENTRY }];
  for (let way = ways.pop(); way !== undefined; way = ways.pop()) {
    let { at, depths } = way;
    while (!known.has(at) && known.size < MOST_INSTRUCTIONS) {
      if (at === rip) return setupOf(depths);
      known.add(at);
      const code = read(at);
      const insn = decode(code, 0, code.length, at);
      if (typeof insn === 'string') break;
      depths = after(insn, depths);
      const { flow } = insn.def;
      const target = insn.ops.find((operand) => operand.kind === 'rel')?.target;
      if (target !== undefined && flow !== 'call') ways.push({ at: target, depths });
      if (flow === 'jump' || flow === 'jumpIndirect' || flow === 'ret' || flow === 'raise') break;
      at = insn.next;
    }
  }
  return undefined;
}

function setupOf({ rsp, rbp, saved }: Depths): FrameSetup | undefined {
  if (rsp !== undefined) return { base: RSP, offset: rsp, saved };
  return rbp === undefined ? undefined : { base: RBP, offset: rbp, saved };
}

function after(insn: Insn, depths: Depths): Depths {
  const { rsp, rbp, saved } = depths;
  const [first, second] = insn.ops;
  const bytes = insn.width / 8;
  switch (insn.def.mnemonic) {
    case 'push':
      return rsp === undefined ? depths : pushed(depths, rsp + bytes, registerOf(first));
    case 'pushfw||pushf':
      return { ...depths, rsp: rsp && rsp + bytes };
    case 'pop':
    case 'popfw||popf': {
      const to = registerOf(first);
      const left = to === undefined || saved.get(to) !== rsp ? saved : without(saved, to);
      return {
        rsp: rsp === undefined || to === RSP ? undefined : rsp - bytes,
        rbp: to === RBP ? undefined : rbp,
        saved: left,
      };
    }
    case 'leave':
      return { rsp: rbp === undefined ? undefined : rbp - 8, rbp: undefined, saved: without(saved, RBP) };
    case 'enter':
      return { rsp: undefined, rbp: undefined, saved };
    case 'sub':
    case 'add': {
      if (registerOf(first) !== RSP || second.kind !== 'imm') break;
      const change = Number(BigInt.asIntN(64, second.value)) * (insn.def.mnemonic === 'sub' ? 1 : -1);
      return { ...depths, rsp: rsp === undefined ? undefined : rsp + change };
    }
    case 'mov':
      if (registerOf(first) === RBP && registerOf(second) === RSP) return { ...depths, rbp: rsp };
      if (registerOf(first) === RSP && registerOf(second) === RBP) return { ...depths, rsp: rbp };
      break;
    case 'lea': {
      if (registerOf(first) !== RSP || second.kind !== 'mem' || second.index !== undefined) break;
      const base = second.base === RSP ? rsp : second.base === RBP ? rbp : undefined;
      return { ...depths, rsp: base === undefined ? undefined : base - Number(second.disp) };
    }
  }
  const changes = (register: number): boolean =>
    insn.ops.some((operand) => registerOf(operand) === register && 'access' in operand && operand.access.includes('w'));
  return { rsp: changes(RSP) ? undefined : rsp, rbp: changes(RBP) ? undefined : rbp, saved };
}

/** The first thing that is pushed of a register is its caller's. */
function pushed({ rbp, saved }: Depths, rsp: number, register: number | undefined): Depths {
  const isNew = register !== undefined && register !== RSP && !saved.has(register);
  return { rsp, rbp, saved: isNew ? new Map([...saved, [register, rsp]]) : saved };
}

const without = (saved: ReadonlyMap<number, number>, register: number): ReadonlyMap<number, number> =>
  new Map([...saved].filter(([other]) => other !== register));

const registerOf = (operand: Operand | undefined): number | undefined =>
  operand?.kind === 'reg' && operand.width === 64 ? operand.reg : undefined;
