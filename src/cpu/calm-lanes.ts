/**
 * What is known of vector registers between the instructions of a block: lanes that are calm, which is neither denormal
 * nor a NaN. A floating-point operation leaves its operands and its result calm unless it was done the exact way; when
 * that meets others, the rest of the block takes the exact way, too (BlockWriter), so that what is noted here holds
 * wherever it is used.
 */
import { CONST, type Node, OPERATION, UNIT } from './nodes.ts';
import { UNIT_XMM } from './units.ts';
import { I8X16_SHUFFLE, VECTOR_OPS } from './wasm/vector-ops.ts';

/** Sets of bits: the lowest f32, the lowest f64, all f32, all f64. */
const LOW_F32 = 1, LOW_F64 = 2, ALL_F32 = 4, ALL_F64 = 8; // biome-ignore format: one line
/** Of a value: one number of a format, or all numbers of a vector. */
export const CALM = { f32: LOW_F32, f64: LOW_F64, f32x4: LOW_F32 | ALL_F32, f64x2: LOW_F64 | ALL_F64 } as const;
export type CalmShape = keyof typeof CALM;
const ALL = CALM.f32x4 | CALM.f64x2;

const opcode = (name: keyof typeof VECTOR_OPS): number => VECTOR_OPS[name][0];
const EXTRACT_F32 = opcode('f32x4.extract_lane');
const EXTRACT_F64 = opcode('f64x2.extract_lane');
const REPLACE_F32 = opcode('f32x4.replace_lane');
const REPLACE_F64 = opcode('f64x2.replace_lane');
const XOR = opcode('v128.xor');
const FROM_INTEGER = new Map<number, number>([
  [opcode('f32.convert_i32_s'), CALM.f32],
  [opcode('f32.convert_i64_s'), CALM.f32],
  [opcode('f64.convert_i32_s'), CALM.f64],
  [opcode('f64.convert_i64_s'), CALM.f64],
  [opcode('f32x4.convert_i32x4_s'), CALM.f32x4],
  [opcode('f64x2.convert_low_i32x4_s'), CALM.f64x2],
]);

export class CalmLanes {
  private readonly _units = new Map<number, number>();
  /** Of the instruction at hand. */
  private readonly _nodes = new Map<Node, number>();

  /** Forgets everything: at the start of a block, and when MXCSR is written. */
  clear(): void {
    this._units.clear();
    this._nodes.clear();
  }
  forgetUnit(unit: number): void {
    this._units.delete(unit);
  }

  isCalm(n: Node, shape: CalmShape): boolean {
    return (this._of(n) & CALM[shape]) === CALM[shape];
  }
  private _of(n: Node): number {
    const noted = this._nodes.get(n) ?? 0;
    if (n.kind === CONST) return n.value === 0n ? ALL : noted;
    if (n.kind === UNIT) return noted | (this._units.get(n.op) ?? 0);
    return n.kind === OPERATION ? noted | this._ofOperation(n) : noted;
  }
  private _ofOperation({ op, args, value }: Node): number {
    switch (op) {
      case EXTRACT_F32:
        return this._laneOf(args[0], 4, Number(value)) ? CALM.f32 : 0;
      case EXTRACT_F64:
        return this._laneOf(args[0], 8, Number(value)) ? CALM.f64 : 0;
      case REPLACE_F32:
        return this._replaced(args, value, CALM.f32, CALM.f32x4);
      case REPLACE_F64:
        return this._replaced(args, value, CALM.f64, CALM.f64x2);
      case XOR:
        return args[0] === args[1] ? ALL : 0;
      case I8X16_SHUFFLE:
        return this._shuffled(args, value);
      default:
        return FROM_INTEGER.get(op) ?? 0;
    }
  }
  private _laneOf(n: Node, bytes: 4 | 8, lane: number): boolean {
    const all = bytes === 4 ? ALL_F32 : ALL_F64;
    const lowest = bytes === 4 ? LOW_F32 : LOW_F64;
    return (this._of(n) & (lane === 0 ? all | lowest : all)) !== 0;
  }
  private _replaced([x, number]: readonly Node[], lane: bigint, one: number, all: number): number {
    if ((this._of(number) & one) === 0) return lane === 0n ? 0 : this._of(x) & one;
    return (this._of(x) & all) === all ? all : lane === 0n ? one : this._of(x) & one;
  }
  private _shuffled(args: readonly Node[], bytes: bigint): number {
    let calm = 0;
    for (const size of [4, 8] as const) {
      const lanes = Array.from({ length: 16 / size }, (_, i) => {
        const from = Array.from({ length: size }, (_, k) => Number((bytes >> BigInt(8 * (size * i + k))) & 0xffn));
        if (from[0] % size !== 0 || from.some((byte, k) => byte !== from[0] + k)) return false;
        return this._laneOf(args[from[0] >> 4], size, (from[0] & 15) / size);
      });
      if (lanes[0]) calm |= size === 4 ? LOW_F32 : LOW_F64;
      if (lanes.every((lane) => lane)) calm |= size === 4 ? ALL_F32 : ALL_F64;
    }
    return calm;
  }

  note(n: Node, shape: CalmShape): void {
    if (n.kind === UNIT) this._units.set(n.op, (this._units.get(n.op) ?? 0) | CALM[shape]);
    else if (n.kind === OPERATION && n.value === 0n && (n.op === EXTRACT_F32 || n.op === EXTRACT_F64))
      this.note(n.args[0], shape);
    else this._nodes.set(n, (this._nodes.get(n) ?? 0) | CALM[shape]);
  }
  /** At the end of an instruction: what it writes to registers. */
  commit(writes: ReadonlyMap<number, Node>): void {
    const found: [unit: number, calm: number][] = [];
    for (const [unit, value] of writes) if (unit >= UNIT_XMM) found.push([unit, this._of(value)]);
    for (const [unit, calm] of found) this._units.set(unit, calm);
    this._nodes.clear();
  }
}
