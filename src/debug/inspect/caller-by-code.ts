/**
 * A caller where no table tells of it: the function's code is read from where it begins (frame-setup.ts), by its name, by
 * the names of its parts, or by a call that is on the stack.
 */
import { PAGE_SIZE, pageDown } from '../../base/ints.ts';
import { RBP, RSP } from '../../cpu/state.ts';
import type { Task } from '../../kernel/task/task.ts';
import { type Caller, type FrameRegisters, isCode, isPlausible } from './caller.ts';
import { type FrameSetup, frameSetupAt } from './frame-setup.ts';
import { readMemory, readWord } from './memory.ts';
import { symbolAt } from './modules.ts';

/** A function does not begin further away. */
const NEAR = 1n << 16n;
const MOST_INSTRUCTION_BYTES = 15;
/** `call` with an offset of 32 bits. */
const CALL = 0xe8;
/** Of names without a size, how many are tried as the beginning of the function. */
const MOST_LABELS = 16;
/** What belongs to the caller after a call, by encoding; the others are not known any more. */
const PRESERVED = [3, RBP, 12, 13, 14, 15];

/** Undefined: no beginning of the function is known from which reading it comes to an instruction behind a call. */
export function byCode(task: Task, at: FrameRegisters, isExact: boolean): Caller | undefined {
  const { rip, general } = at;
  let best: Caller | undefined;
  const read = codeOf(task);
  for (const start of startsBefore(task, isExact ? rip : rip - 1n)) {
    const setup = frameSetupAt(read, start, rip);
    const base = setup && general[setup.base];
    if (base === undefined) continue;
    const found = callerAt(task, at, base + BigInt(setup!.offset), setup!);
    if (found === undefined) continue;
    if (isPlausible(task, at, found)) return found;
    best ??= found;
  }
  if (best !== undefined) return best;
  // A function without a name: what a call on the stack has left, else what is on top, else what RBP says.
  const called = byCallOnStack(task, at);
  if (called !== undefined) return called;
  const [rsp, rbp] = [general[RSP], general[RBP]];
  const onTop = rsp === undefined ? undefined : callerAt(task, at, rsp, { base: RSP, saved: new Map() });
  if (onTop !== undefined && isPlausible(task, at, onTop)) return onTop;
  return rbp === undefined ? onTop : callerAt(task, at, rbp + 8n, { base: RBP, saved: new Map([[RBP, 8]]) });
}

/** How far up the stack a return address is looked for. */
const MOST_STACK_WORDS = 512;

/**
 * A direct call says where the function begins that it leads to: if reading that function up to here comes to just this
 * place on the stack as that of the return address, it is.
 */
function byCallOnStack(task: Task, at: FrameRegisters): Caller | undefined {
  const { rip, general } = at;
  const rsp = general[RSP];
  if (rsp === undefined) return undefined;
  const bytes = readMemory(task, rsp, 8 * MOST_STACK_WORDS);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const read = codeOf(task);
  for (let offset = 0; offset + 8 <= bytes.length; offset += 8) {
    const target = callTarget(task, view.getBigUint64(offset, true));
    if (target === undefined || target > rip + NEAR || rip > target + NEAR) continue;
    const setup = frameSetupAt(read, target, rip);
    const base = setup && general[setup.base];
    const place = rsp + BigInt(offset);
    if (base !== undefined && base + BigInt(setup!.offset) === place) return callerAt(task, at, place, setup!);
  }
  return undefined;
}

/** Where the direct call before an address leads to. */
function callTarget(task: Task, returnTo: bigint): bigint | undefined {
  if (!isCode(task, returnTo)) return undefined;
  const code = readMemory(task, returnTo - 5n, 5);
  if (code.length < 5 || code[0] !== CALL) return undefined;
  return returnTo + BigInt(new DataView(code.buffer, code.byteOffset).getInt32(1, true));
}

/** Where the function of an instruction may begin, the likeliest first: its name's place, then those of labels before it. */
function* startsBefore(task: Task, address: bigint): Generator<bigint> {
  let place = symbolAt(task, address);
  for (let i = 0; i < MOST_LABELS && place !== undefined; i++) {
    if (address - place.address > NEAR) return;
    const { symbol, module } = place;
    if (symbol.isFunction) yield place.address;
    // Names of parts begin with the function's: NASM's of labels, gcc's of what is seldom run.
    const [owner] = symbol.name.split('.', 1);
    const parent = owner === symbol.name ? undefined : module.file.symbols.find(owner);
    if (parent !== undefined) yield parent.address + module.bias;
    if (symbol.isFunction) return;
    yield place.address;
    place = symbolAt(task, place.address - 1n);
  }
}

/** The bytes from an address on, enough for an instruction; pages are read once. */
function codeOf(task: Task): (address: bigint) => Uint8Array {
  const pages = new Map<bigint, Uint8Array>();
  return (address) => {
    const page = pageDown(address);
    let bytes = pages.get(page);
    // Of the next page as much as an instruction may take.
    if (bytes === undefined) pages.set(page, (bytes = readMemory(task, page, PAGE_SIZE + MOST_INSTRUCTION_BYTES)));
    const at = Number(address - page);
    return bytes.subarray(at, at + MOST_INSTRUCTION_BYTES);
  };
}

function callerAt(
  task: Task,
  { general }: FrameRegisters,
  returnAddressAt: bigint,
  { base, saved }: Pick<FrameSetup, 'base' | 'saved'>,
): Caller | undefined {
  const rip = readWord(task, returnAddressAt);
  if (rip === undefined) return undefined;
  const cfa = returnAddressAt + 8n;
  const registers = general.map((value, register) => (PRESERVED.includes(register) ? value : undefined));
  const savedAt = new Map<number | 'rip', bigint>([['rip', returnAddressAt]]);
  for (const [register, below] of saved) {
    savedAt.set(register, returnAddressAt - BigInt(below));
    registers[register] = readWord(task, returnAddressAt - BigInt(below));
  }
  registers[RSP] = cfa;
  return { rip, general: registers, cfa, savedAt, unwoundBy: base === RBP ? 'frame pointer' : 'stack pointer' };
}
