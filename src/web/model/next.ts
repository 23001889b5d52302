/**
 * What the instruction at RIP is about to do, before it does it: where its memory operands lie and what page faults they
 * will meet, whether its branch is taken, which system call it makes. Left out: gathers, and what only some x87 and
 * string instructions know (their sizes).
 */
import { u64 } from '../../base/ints.ts';
import { readRflags } from '../../cpu/context-image.ts';
import { CF, OF, PF, SF, ZF } from '../../cpu/flags.ts';
import type { Insn } from '../../cpu/isa/define.ts';
import type { MemOperand } from '../../cpu/isa/operand.ts';
import { type CpuState, RAX, RSP } from '../../cpu/state.ts';
import { type Foreseen, foreseeAccess } from '../../debug/inspect/foresee.ts';
import { stateOf } from '../../debug/inspect/registers.ts';
import { decodeAt } from '../../debug/instruction.ts';
import { findSyscall } from '../../kernel/syscalls/table.ts';
import type { Task } from '../../kernel/task/task.ts';
import type { NextAccessModel, NextModel } from '../protocol.ts';

type Access = NextAccessModel['access'];

/** Undefined of a thread that has ended, or sleeps in a call. */
export function viewNext(task: Task): NextModel | undefined {
  const state = stateOf(task);
  if (state === undefined || task.call !== undefined) return undefined;
  const { rip } = state;
  const fetch = accessAt(task, rip, 'execute', 1);
  if (fetch !== undefined && fetch.outcome !== 'allowed')
    return { rip, accesses: [fetch], branch: undefined, call: undefined };
  const insn = decodeAt(task, rip);
  if (insn === undefined) return undefined;
  const accesses = placesOf(insn, state).flatMap(({ address, access, length }) => {
    const found = accessAt(task, address, access, length);
    return found === undefined ? [] : [found];
  });
  const call = insn.def.flow === 'syscall' ? Number(state.reg(RAX) & 0xffff_ffffn) : undefined;
  return {
    rip,
    accesses,
    branch: insn.def.flow === 'branch' && insn.def.mnemonic === 'j{cc}' ? isMet(insn.cc, readRflags(state)) : undefined,
    call: call === undefined ? undefined : (findSyscall(call)?.name ?? `number ${call}`),
  };
}

interface Place {
  readonly address: bigint;
  readonly access: Access;
  readonly length: number;
}

/** Of its operands, then of the stack where it pushes or pops. */
function placesOf(insn: Insn, state: CpuState): Place[] {
  const places = insn.ops.flatMap((operand): Place[] => {
    if (operand.kind !== 'mem' || operand.access === 'none' || operand.vectorIndex !== undefined) return [];
    if (operand.width === 0) return [];
    const access = operand.access === 'r' ? 'read' : 'write';
    return [{ address: addressOf(operand, state), access, length: operand.width / 8 }];
  });
  const { flow, mnemonic } = insn.def;
  const rsp = state.reg(RSP);
  const word = insn.width === 16 ? 2 : 8;
  if (flow === 'call' || flow === 'callIndirect' || mnemonic.startsWith('push'))
    places.push({ address: u64(rsp - BigInt(word)), access: 'write', length: word });
  else if (flow === 'ret' || mnemonic.startsWith('pop')) {
    // POPCNT pops nothing.
    if (mnemonic !== 'popcnt') places.push({ address: rsp, access: 'read', length: word });
  }
  return places;
}

/** Intel SDM Vol. 1, "Specifying an Offset". */
function addressOf(operand: MemOperand, state: CpuState): bigint {
  const { base, index, scale, disp, segment, addressWidth } = operand;
  let address = disp;
  if (base !== undefined) address += state.reg(base);
  if (index !== undefined) address += state.reg(index) * BigInt(scale);
  address = BigInt.asUintN(addressWidth, address);
  if (segment === 'fs') address += state.fsBase;
  if (segment === 'gs') address += state.gsBase;
  return u64(address);
}

/** The first page of it that is refused or has to be made decides. */
function accessAt(task: Task, address: bigint, access: Access, length: number): NextAccessModel | undefined {
  const first = foreseeAccess(task, address, access);
  const last = u64(address + BigInt(length - 1));
  const isSplit = address >> 12n !== last >> 12n;
  const outcome: Foreseen | undefined = first === 'allowed' && isSplit ? foreseeAccess(task, last, access) : first;
  return outcome && { access, address, length, outcome };
}

/** Intel SDM Vol. 1, "EFLAGS Condition Codes". */
function isMet(cc: number, rflags: number): boolean {
  const is = (flag: number): boolean => (rflags & flag) !== 0;
  const base = [
    is(OF),
    is(CF),
    is(ZF),
    is(CF) || is(ZF),
    is(SF),
    is(PF),
    is(SF) !== is(OF),
    is(ZF) || is(SF) !== is(OF),
  ][cc >> 1];
  return (cc & 1) === 1 ? !base : base;
}
