/** One instruction in the cold tier, on flat memory of a few pages: for what vectors from silicon do not show. */
import { invariant } from '../../src/base/invariant.ts';
import { decode } from '../../src/cpu/decode.ts';
import { EvalBuilder, type MemoryPort, type Outcome } from '../../src/cpu/eval-builder.ts';
import { EXIT_PAGE_FAULT, VECTORS } from '../../src/cpu/exit-codes.ts';
import { CF, DF, flagsImage, fopOf, KIND_PACKED, OF, PF, SF, ZF } from '../../src/cpu/flags.ts';
import { LateFuncs } from '../../src/cpu/late-funcs.ts';
import { CpuState, REG_NAMES, type RegName, STATE } from '../../src/cpu/state.ts';
import { Frames } from '../../src/mem/frames.ts';

export const CODE = 0x401000n;
/** First byte of guest memory; MEMORY_BYTES follow it, and nothing else can be accessed. */
export const MEMORY = 0x10000n;
export const MEMORY_BYTES = 0x2000;

export interface Before {
  readonly regs?: Partial<Record<RegName, bigint>>;
  readonly flags?: number;
  /** Little-endian 64-bit values by address. */
  readonly memory?: Readonly<Record<string, bigint>>;
}

/** A machine whose instructions run one by one. */
export class InsnMachine {
  readonly frames = new Frames(1 << 20);
  readonly state = new CpuState(this.frames);
  private readonly _base: number;
  private readonly _builder: EvalBuilder;

  constructor(before: Before = {}) {
    const pages = Array.from({ length: MEMORY_BYTES / 4096 }, () => this.frames.allocate());
    invariant(pages[0] !== undefined, 'no memory');
    this._base = pages[0] * 4096;
    this._builder = new EvalBuilder(this.state, this.frames, this._port(), new LateFuncs(this.frames.memory));
    this.state.rip = CODE;
    this.state.setU32(STATE.fop, fopOf(KIND_PACKED, 8));
    this.state.setU32(STATE.fc, (before.flags ?? 0) & CF);
    this.state.setU64(STATE.fx, BigInt((before.flags ?? 0) & (OF | SF | ZF | PF)));
    this.state.setU32(STATE.rflagsRest, (before.flags ?? 0) & DF);
    for (const [name, value] of Object.entries(before.regs ?? {})) this.setReg(name as RegName, value);
    for (const [address, value] of Object.entries(before.memory ?? {})) this.setMemory(BigInt(address), value);
  }

  private _port(): MemoryPort {
    const find = (address: bigint, bytes: number, write: boolean): number => {
      for (const at of [address, address + BigInt(bytes - 1)]) {
        if (at >= MEMORY && at < MEMORY + BigInt(MEMORY_BYTES)) continue;
        this.state.setU32(STATE.exitKind, EXIT_PAGE_FAULT);
        this.state.setU64(STATE.exitAddress, at === address ? at : at & ~0xfffn);
        this.state.setU32(STATE.exitErrorCode, write ? 6 : 4);
        return -1;
      }
      return this._base + Number(address - MEMORY);
    };
    return {
      slowRead: (address, bytes) => find(address, bytes, false),
      slowReadForStore: (address, bytes) => find(address, bytes, true),
      slowStore: (address, value, bytes) => {
        const at = find(address, bytes, true);
        for (let i = 0; at !== -1 && i < bytes; i++) this.frames.u8[at + i] = Number((value >> BigInt(8 * i)) & 0xffn);
        return at === -1 ? -1 : 0;
      },
    };
  }

  /** Runs the instruction that these bytes (`48 01 d8`) are, at RIP. */
  run(code: string): Outcome {
    const bytes = Uint8Array.from(code.split(' '), (byte) => Number.parseInt(byte, 16));
    const insn = decode(bytes, 0, bytes.length, this.state.rip);
    invariant(typeof insn !== 'string', `${code} is ${insn}`);
    return this._builder.execute(insn);
  }
  reg(name: RegName): bigint {
    return this.state.reg(REG_NAMES.indexOf(name));
  }
  setReg(name: RegName, value: bigint): void {
    this.state.setReg(REG_NAMES.indexOf(name), value);
  }
  memory(address: bigint): bigint {
    return new DataView(this.frames.u8.buffer).getBigUint64(this._base + Number(address - MEMORY), true);
  }
  setMemory(address: bigint, value: bigint): void {
    new DataView(this.frames.u8.buffer).setBigUint64(this._base + Number(address - MEMORY), value, true);
  }
  flags(): number {
    const { state } = this;
    return flagsImage(state.u32(STATE.fop), state.u64(STATE.fx), state.u64(STATE.fy), state.u32(STATE.fc));
  }
  /** What the last outcome other than `next` was about. */
  exit(): { vector: string; errorCode: number; address: bigint } {
    const { state } = this;
    return {
      vector: VECTORS[state.u32(STATE.exitVector)],
      errorCode: state.u32(STATE.exitErrorCode),
      address: state.u64(STATE.exitAddress),
    };
  }
}
