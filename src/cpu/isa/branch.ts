/**
 * Jumps, calls, returns, loops. Targets are 64 bits wide; 66 does nothing to them; one that is not
 * canonical is #GP. Intel SDM Vol. 2, by instruction name.
 */
import type { Builder, Val, Width } from '../builder.ts';
import { RCX, RSP } from '../state.ts';
import { asImm, asRel, requireCanonical } from './common.ts';
import { instruction } from './define.ts';
import { USER_CODE, USER_DATA } from './segment.ts';
import { push } from './stack.ts';

/** Jcc: if the condition holds, RIP := RIP + rel. */
export const JCC = instruction({
  mnemonic: 'j{cc}',
  encodings: [['70+cc cb', 'rel8', 'F64'], ['0F 80+cc cd', 'rel32', 'F64']], // biome-ignore format: as in the manual
  access: 'r',
  flags: { reads: 'cc' },
  flow: 'branch',
  emit(b, { ops: [to], cc }) {
    b.branch(b.condition(cc), asRel(to).target);
  },
});

/** JMP, direct. */
export const JMP = instruction({
  mnemonic: 'jmp',
  encodings: [['EB cb', 'rel8', 'F64'], ['E9 cd', 'rel32', 'F64']], // biome-ignore format: as in the manual
  access: 'r',
  flow: 'jump',
  emit(b, { ops: [to] }) {
    b.jump(asRel(to).target);
  },
});

/** JMP, indirect. */
export const JMP_INDIRECT = instruction({
  mnemonic: 'jmp',
  encodings: [['FF /4', 'r/m', 'F64']],
  access: 'r',
  flow: 'jumpIndirect',
  emit(b, { ops: [to] }) {
    const target = b.read(to);
    requireCanonical(b, target);
    b.jumpIndirect(target);
  },
});

/** CALL, direct: push RIP, RIP := RIP + rel. */
export const CALL = instruction({
  mnemonic: 'call',
  encodings: [['E8 cd', 'rel32', 'F64']],
  access: 'r',
  flow: 'call',
  emit(b, { ops: [to] }) {
    push(b, 64, b.const(64, b.nextRip));
    b.call(asRel(to).target);
  },
});

/** CALL, indirect. A target in memory addressed by RSP uses the old RSP. */
export const CALL_INDIRECT = instruction({
  mnemonic: 'call',
  encodings: [['FF /2', 'r/m', 'F64']],
  access: 'r',
  flow: 'callIndirect',
  emit(b, { ops: [to] }) {
    const target = b.read(to);
    push(b, 64, b.const(64, b.nextRip)); // a bad target leaves it in memory, as silicon does
    requireCanonical(b, target);
    b.callIndirect(target);
  },
});

/** RET: pop RIP, then RSP := RSP + imm16. */
export const RET = instruction({
  mnemonic: 'ret',
  encodings: [['C3', '', 'F64'], ['C2 iw', 'imm16', 'F64']], // biome-ignore format: as in the manual
  access: 'r',
  flow: 'ret',
  emit(b, { ops: [extra] }) {
    const top = b.readReg(64, RSP);
    const target = b.load(64, top);
    requireCanonical(b, target);
    b.writeReg(64, RSP, b.add(64, top, b.const(64, 8n + (extra === undefined ? 0n : asImm(extra).value))));
    b.ret(target);
  },
});

/** The popped item `n` of `width` bits, as 64 bits. */
function popped(b: Builder, width: Width, n: number): Val {
  const value = b.load(width, b.add(64, b.readReg(64, RSP), b.const(64, (n * width) / 8)));
  return width === 64 ? value : b.zext(width, 64, value);
}

/** #GP unless a popped selector is the one of user mode: there is nothing else to return to. */
function requireSelector(b: Builder, selector: Val, only: number): void {
  b.raiseIf(b.ne(64, b.and(64, selector, b.const(64, 0xffff)), b.const(64, only)), 'GP', 0);
}

/** RETF, far return: pop RIP and CS, then RSP := RSP + imm16. */
export const RETF = instruction({
  mnemonic: 'retfw|retf|retfq',
  encodings: [['CB', ''], ['CA iw', 'imm16']], // biome-ignore format: as in the manual
  access: 'r',
  flow: 'ret',
  emit(b, { ops: [extra], width }) {
    const target = popped(b, width, 0);
    requireSelector(b, popped(b, width, 1), USER_CODE);
    requireCanonical(b, target);
    const bytes = BigInt(width / 4) + (extra === undefined ? 0n : asImm(extra).value);
    b.writeReg(64, RSP, b.add(64, b.readReg(64, RSP), b.const(64, bytes)));
    b.ret(target);
  },
});

/** IRET within user mode: pop RIP, CS, RFLAGS, RSP, SS. */
export const IRET = instruction({
  mnemonic: 'iretw|iret|iretq',
  encodings: [['CF', '']],
  access: '',
  flags: { reads: 'oszapc', writes: 'oszapc' },
  flow: 'ret',
  emit(b, { width }) {
    const [target, cs, flags, stack, ss] = [0, 1, 2, 3, 4].map((n) => popped(b, width, n));
    requireSelector(b, cs, USER_CODE);
    requireSelector(b, ss, USER_DATA);
    requireCanonical(b, target);
    const kept = b.and(64, b.rflags(), b.const(64, ~0xffffn));
    b.setRflags(width === 16 ? b.or(64, kept, flags) : flags);
    b.writeReg(64, RSP, stack);
    b.ret(target);
  },
});

/** JECXZ, JRCXZ: jump if the counter is 0. */
export const JRCXZ = instruction({
  mnemonic: 'jecxz/jrcxz',
  encodings: [['E3 cb', 'rel8', 'F64']],
  access: 'r',
  flow: 'branch',
  emit(b, { ops: [to], addressWidth }) {
    b.branch(b.isZero(addressWidth, b.readReg(addressWidth, RCX)), asRel(to).target);
  },
});

/** LOOP, LOOPE, LOOPNE: count RCX (ECX with a 32-bit address size) down; jump if it is not 0 and ZF is as asked. */
const loop = (mnemonic: string, opcode: string, zero: boolean | undefined) =>
  instruction({
    mnemonic,
    encodings: [[`${opcode} cb`, 'rel8', 'F64']],
    access: 'r',
    flags: zero === undefined ? {} : { reads: 'z' },
    flow: 'branch',
    emit(b, { ops: [to], addressWidth }) {
      const count = b.sub(addressWidth, b.readReg(addressWidth, RCX), b.const(addressWidth, 1));
      b.writeReg(addressWidth, RCX, count);
      const more = b.ne(addressWidth, count, b.const(addressWidth, 0));
      const z = zero === undefined ? undefined : b.flag('z');
      b.branch(z === undefined ? more : b.boolAnd(more, zero ? z : b.boolNot(z)), asRel(to).target);
    },
  });
export const LOOPNE = loop('loopne', 'E0', false);
export const LOOPE = loop('loope', 'E1', true);
export const LOOP = loop('loop', 'E2', undefined);
