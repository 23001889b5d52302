/**
 * Small programs written instruction by instruction, for tests that need no assembler: a handful of forms of 64-bit
 * instructions, labels, system calls with constant arguments. The bytes are those of nasm for the text in each comment.
 */
import { twoSegments } from './tiny-elf.ts';

export const RAX = 0, RCX = 1, RDX = 2, RBX = 3, RSI = 6, RDI = 7; // biome-ignore format: by encoding
const ARGUMENTS = [RDI, RSI, RDX, 10, 8, 9];

/** A page that `shared` maps for all processes that come from this one. */
export const SHARED = 0x1000_0000;

export class Code {
  private readonly _bytes: number[] = [];
  private readonly _labels = new Map<string, number>();
  private readonly _jumps: { at: number; label: string }[] = [];

  emit(...bytes: number[]): this {
    this._bytes.push(...bytes);
    return this;
  }
  private _u32(value: number): this {
    return this.emit(value & 0xff, (value >>> 8) & 0xff, (value >>> 16) & 0xff, (value >>> 24) & 0xff);
  }
  /** Opcode /reg [disp32], 64 bits. */
  private _memory(prefix: number[], opcode: number[], reg: number, address: number): this {
    return this.emit(...prefix, 0x48 | ((reg >> 3) << 2), ...opcode, ((reg & 7) << 3) | 4, 0x25)._u32(address);
  }

  /** mov reg, imm32 (sign-extended) */
  mov(reg: number, value: number): this {
    return this.emit(0x48 | (reg >> 3), 0xc7, 0xc0 | (reg & 7))._u32(value);
  }
  /** mov reg, [address] */
  load = (reg: number, address: number): this => this._memory([], [0x8b], reg, address);
  /** mov [address], reg */
  store = (address: number, reg: number): this => this._memory([], [0x89], reg, address);
  /** inc qword [address] */
  increment = (address: number): this => this._memory([], [0xff], 0, address);
  /** lock inc qword [address] */
  lockedIncrement = (address: number): this => this._memory([0xf0], [0xff], 0, address);
  /** xchg [address], reg */
  exchange = (address: number, reg: number): this => this._memory([], [0x87], reg, address);
  /** mov dst, src */
  copy(dst: number, src: number): this {
    return this.emit(0x48 | ((src >> 3) << 2) | (dst >> 3), 0x89, 0xc0 | ((src & 7) << 3) | (dst & 7));
  }
  /** add reg, imm8 */
  add(reg: number, value: number): this {
    return this.emit(0x48, 0x83, 0xc0 | reg, value & 0xff);
  }
  /** cmp reg, imm8 */
  compare(reg: number, value: number): this {
    return this.emit(0x48, 0x83, 0xf8 | reg, value & 0xff);
  }
  label(name: string): this {
    this._labels.set(name, this._bytes.length);
    return this;
  }
  private _jump(label: string, ...opcode: number[]): this {
    this.emit(...opcode);
    this._jumps.push({ at: this._bytes.length, label });
    return this._u32(0);
  }
  /** jmp label */
  jump = (label: string): this => this._jump(label, 0xe9);
  /** je label */
  jumpIfEqual = (label: string): this => this._jump(label, 0x0f, 0x84);
  /** jne label */
  jumpIfNotEqual = (label: string): this => this._jump(label, 0x0f, 0x85);
  /** A system call; its result is in RAX, RCX and R11 are lost. Arguments that are left out stay as they are. */
  call(number: number, ...args: number[]): this {
    for (const [i, value] of args.entries()) this.mov(ARGUMENTS[i], value);
    return this.mov(RAX, number).emit(0x0f, 0x05);
  }
  /** Maps the shared page. */
  share = (): this => this.call(9, SHARED, 4096, 3, 0x31, -1, 0);
  exit = (status: number): this => this.call(60, status);
  /** Exits with the low byte of a word. */
  exitWith = (address: number): this => this.load(RDI, address).call(60);

  /** The body so many times; RBX counts. */
  repeat(times: number, body: (code: this) => void): this {
    const label = `loop ${this._bytes.length}`;
    this.mov(RBX, times).label(label);
    body(this);
    return this.add(RBX, -1).jumpIfNotEqual(label);
  }

  /** An executable. */
  program(): Uint8Array {
    const bytes = new Uint8Array(this._bytes);
    const view = new DataView(bytes.buffer);
    for (const { at, label } of this._jumps) {
      const target = this._labels.get(label);
      if (target === undefined) throw new Error(`no label ${label}`);
      view.setInt32(at, target - (at + 4), true);
    }
    return twoSegments(bytes);
  }
}

/**
 * Maps the shared page and forks; the child does its part and exits with 0, the parent does its own, waits, and does the
 * end. The parts may use every register.
 */
export function twoProcesses(parent: (code: Code) => void, child: (code: Code) => void, end: (code: Code) => void) {
  const code = new Code().share().call(57).compare(RAX, 0).jumpIfEqual('child');
  parent(code);
  code.call(61, -1, 0, 0, 0);
  end(code);
  code.label('child');
  child(code);
  return code.exit(0).program();
}
