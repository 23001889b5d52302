/**
 * WebAssembly's operations on vectors and floating-point numbers, by their names in its text format. WebAssembly Core
 * Specification 3.0, "Binary Format: Instructions". Loads, stores, constants and shuffles are methods of Code.
 *
 * An entry is [opcode, parameters, result]; opcodes beyond a byte have the prefix FC or FD on top. Types are letters:
 * v v128, i i32, l i64, s f32, d f64, and # for a lane's number, which is part of the instruction.
 */
import { F32, F64, I32, I64, V128, type ValType } from './code.ts';

const PREFIX_FC = 0xfc00, PREFIX_FD = 0xfd00; // biome-ignore format: one line

const fd = <P extends string, R extends string>(op: number, params: P, result: R) =>
  [PREFIX_FD | op, params, result] as const;
const fc = <P extends string, R extends string>(op: number, params: P, result: R) =>
  [PREFIX_FC | op, params, result] as const;
const one = <P extends string, R extends string>(op: number, params: P, result: R) => [op, params, result] as const;

export const VECTOR_OPS = {
  'i8x16.swizzle': fd(0x0e, 'vv', 'v'),
  'i8x16.splat': fd(0x0f, 'i', 'v'), 'i16x8.splat': fd(0x10, 'i', 'v'), 'i32x4.splat': fd(0x11, 'i', 'v'), 'i64x2.splat': fd(0x12, 'l', 'v'),
  'f32x4.splat': fd(0x13, 's', 'v'), 'f64x2.splat': fd(0x14, 'd', 'v'),
  'i8x16.extract_lane_s': fd(0x15, 'v#', 'i'), 'i8x16.extract_lane_u': fd(0x16, 'v#', 'i'), 'i8x16.replace_lane': fd(0x17, 'v#i', 'v'),
  'i16x8.extract_lane_s': fd(0x18, 'v#', 'i'), 'i16x8.extract_lane_u': fd(0x19, 'v#', 'i'), 'i16x8.replace_lane': fd(0x1a, 'v#i', 'v'),
  'i32x4.extract_lane': fd(0x1b, 'v#', 'i'), 'i32x4.replace_lane': fd(0x1c, 'v#i', 'v'),
  'i64x2.extract_lane': fd(0x1d, 'v#', 'l'), 'i64x2.replace_lane': fd(0x1e, 'v#l', 'v'),
  'f32x4.extract_lane': fd(0x1f, 'v#', 's'), 'f32x4.replace_lane': fd(0x20, 'v#s', 'v'),
  'f64x2.extract_lane': fd(0x21, 'v#', 'd'), 'f64x2.replace_lane': fd(0x22, 'v#d', 'v'),

  'i8x16.eq': fd(0x23, 'vv', 'v'), 'i8x16.gt_s': fd(0x27, 'vv', 'v'),
  'i16x8.eq': fd(0x2d, 'vv', 'v'), 'i16x8.gt_s': fd(0x31, 'vv', 'v'),
  'i32x4.eq': fd(0x37, 'vv', 'v'), 'i32x4.gt_s': fd(0x3b, 'vv', 'v'),
  'i64x2.eq': fd(0xd6, 'vv', 'v'), 'i64x2.gt_s': fd(0xd9, 'vv', 'v'),
  'f32x4.eq': fd(0x41, 'vv', 'v'), 'f32x4.ne': fd(0x42, 'vv', 'v'), 'f32x4.lt': fd(0x43, 'vv', 'v'), 'f32x4.le': fd(0x45, 'vv', 'v'),
  'f64x2.eq': fd(0x47, 'vv', 'v'), 'f64x2.ne': fd(0x48, 'vv', 'v'), 'f64x2.lt': fd(0x49, 'vv', 'v'), 'f64x2.le': fd(0x4b, 'vv', 'v'),

  'v128.not': fd(0x4d, 'v', 'v'), 'v128.and': fd(0x4e, 'vv', 'v'), 'v128.andnot': fd(0x4f, 'vv', 'v'),
  'v128.or': fd(0x50, 'vv', 'v'), 'v128.xor': fd(0x51, 'vv', 'v'), 'v128.bitselect': fd(0x52, 'vvv', 'v'), 'v128.any_true': fd(0x53, 'v', 'i'),

  'i8x16.abs': fd(0x60, 'v', 'v'), 'i16x8.abs': fd(0x80, 'v', 'v'), 'i32x4.abs': fd(0xa0, 'v', 'v'),
  'i8x16.min_s': fd(0x76, 'vv', 'v'), 'i8x16.max_s': fd(0x78, 'vv', 'v'), 'i16x8.min_u': fd(0x97, 'vv', 'v'), 'i16x8.max_u': fd(0x99, 'vv', 'v'),
  'i32x4.min_s': fd(0xb6, 'vv', 'v'), 'i32x4.min_u': fd(0xb7, 'vv', 'v'), 'i32x4.max_s': fd(0xb8, 'vv', 'v'), 'i32x4.max_u': fd(0xb9, 'vv', 'v'),
  'i32x4.mul': fd(0xb5, 'vv', 'v'), 'i16x8.q15mulr_sat_s': fd(0x82, 'vv', 'v'), 'i16x8.narrow_i32x4_u': fd(0x86, 'vv', 'v'),
  'i16x8.extend_low_i8x16_s': fd(0x87, 'v', 'v'), 'i16x8.extend_high_i8x16_s': fd(0x88, 'v', 'v'),
  'i16x8.extend_low_i8x16_u': fd(0x89, 'v', 'v'), 'i16x8.extend_high_i8x16_u': fd(0x8a, 'v', 'v'),
  'i32x4.extend_low_i16x8_s': fd(0xa7, 'v', 'v'), 'i32x4.extend_high_i16x8_s': fd(0xa8, 'v', 'v'),
  'i32x4.extend_low_i16x8_u': fd(0xa9, 'v', 'v'), 'i32x4.extend_high_i16x8_u': fd(0xaa, 'v', 'v'),
  'i64x2.extend_low_i32x4_s': fd(0xc7, 'v', 'v'), 'i64x2.extend_high_i32x4_s': fd(0xc8, 'v', 'v'), 'i64x2.extend_high_i32x4_u': fd(0xca, 'v', 'v'),
  'i64x2.extmul_low_i32x4_s': fd(0xdc, 'vv', 'v'), 'i64x2.shr_s': fd(0xcc, 'vi', 'v'),

  'i8x16.bitmask': fd(0x64, 'v', 'i'), 'i8x16.narrow_i16x8_s': fd(0x65, 'vv', 'v'), 'i8x16.narrow_i16x8_u': fd(0x66, 'vv', 'v'),
  'i8x16.shr_s': fd(0x6c, 'vi', 'v'),
  'i8x16.add': fd(0x6e, 'vv', 'v'), 'i8x16.add_sat_s': fd(0x6f, 'vv', 'v'), 'i8x16.add_sat_u': fd(0x70, 'vv', 'v'),
  'i8x16.sub': fd(0x71, 'vv', 'v'), 'i8x16.sub_sat_s': fd(0x72, 'vv', 'v'), 'i8x16.sub_sat_u': fd(0x73, 'vv', 'v'),
  'i8x16.min_u': fd(0x77, 'vv', 'v'), 'i8x16.max_u': fd(0x79, 'vv', 'v'), 'i8x16.avgr_u': fd(0x7b, 'vv', 'v'),
  'i16x8.extadd_pairwise_i8x16_u': fd(0x7d, 'v', 'v'), 'i32x4.extadd_pairwise_i16x8_u': fd(0x7f, 'v', 'v'),
  'i16x8.narrow_i32x4_s': fd(0x85, 'vv', 'v'),
  'i16x8.shl': fd(0x8b, 'vi', 'v'), 'i16x8.shr_s': fd(0x8c, 'vi', 'v'), 'i16x8.shr_u': fd(0x8d, 'vi', 'v'),
  'i16x8.add': fd(0x8e, 'vv', 'v'), 'i16x8.add_sat_s': fd(0x8f, 'vv', 'v'), 'i16x8.add_sat_u': fd(0x90, 'vv', 'v'),
  'i16x8.sub': fd(0x91, 'vv', 'v'), 'i16x8.sub_sat_s': fd(0x92, 'vv', 'v'), 'i16x8.sub_sat_u': fd(0x93, 'vv', 'v'),
  'i16x8.mul': fd(0x95, 'vv', 'v'), 'i16x8.min_s': fd(0x96, 'vv', 'v'), 'i16x8.max_s': fd(0x98, 'vv', 'v'), 'i16x8.avgr_u': fd(0x9b, 'vv', 'v'),
  'i16x8.bitmask': fd(0x84, 'v', 'i'),
  'i32x4.bitmask': fd(0xa4, 'v', 'i'),
  'i32x4.shl': fd(0xab, 'vi', 'v'), 'i32x4.shr_s': fd(0xac, 'vi', 'v'), 'i32x4.shr_u': fd(0xad, 'vi', 'v'),
  'i32x4.add': fd(0xae, 'vv', 'v'), 'i32x4.sub': fd(0xb1, 'vv', 'v'), 'i32x4.dot_i16x8_s': fd(0xba, 'vv', 'v'),
  'i32x4.extmul_low_i16x8_s': fd(0xbc, 'vv', 'v'), 'i32x4.extmul_high_i16x8_s': fd(0xbd, 'vv', 'v'),
  'i32x4.extmul_low_i16x8_u': fd(0xbe, 'vv', 'v'), 'i32x4.extmul_high_i16x8_u': fd(0xbf, 'vv', 'v'),
  'i64x2.bitmask': fd(0xc4, 'v', 'i'), 'i64x2.extend_low_i32x4_u': fd(0xc9, 'v', 'v'),
  'i64x2.shl': fd(0xcb, 'vi', 'v'), 'i64x2.shr_u': fd(0xcd, 'vi', 'v'),
  'i64x2.add': fd(0xce, 'vv', 'v'), 'i64x2.sub': fd(0xd1, 'vv', 'v'), 'i64x2.extmul_low_i32x4_u': fd(0xde, 'vv', 'v'),

  'f32x4.ceil': fd(0x67, 'v', 'v'), 'f32x4.floor': fd(0x68, 'v', 'v'), 'f32x4.trunc': fd(0x69, 'v', 'v'), 'f32x4.nearest': fd(0x6a, 'v', 'v'),
  'f64x2.ceil': fd(0x74, 'v', 'v'), 'f64x2.floor': fd(0x75, 'v', 'v'), 'f64x2.trunc': fd(0x7a, 'v', 'v'), 'f64x2.nearest': fd(0x94, 'v', 'v'),
  'f32x4.abs': fd(0xe0, 'v', 'v'), 'f64x2.abs': fd(0xec, 'v', 'v'),
  'f32x4.sqrt': fd(0xe3, 'v', 'v'), 'f64x2.sqrt': fd(0xef, 'v', 'v'),
  'f32x4.add': fd(0xe4, 'vv', 'v'), 'f32x4.sub': fd(0xe5, 'vv', 'v'), 'f32x4.mul': fd(0xe6, 'vv', 'v'), 'f32x4.div': fd(0xe7, 'vv', 'v'),
  'f64x2.add': fd(0xf0, 'vv', 'v'), 'f64x2.sub': fd(0xf1, 'vv', 'v'), 'f64x2.mul': fd(0xf2, 'vv', 'v'), 'f64x2.div': fd(0xf3, 'vv', 'v'),
  'f32x4.pmin': fd(0xea, 'vv', 'v'), 'f32x4.pmax': fd(0xeb, 'vv', 'v'), 'f64x2.pmin': fd(0xf6, 'vv', 'v'), 'f64x2.pmax': fd(0xf7, 'vv', 'v'),
  'f32x4.demote_f64x2_zero': fd(0x5e, 'v', 'v'), 'f64x2.promote_low_f32x4': fd(0x5f, 'v', 'v'),
  'i32x4.trunc_sat_f32x4_s': fd(0xf8, 'v', 'v'), 'i32x4.trunc_sat_f64x2_s_zero': fd(0xfc, 'v', 'v'),
  'f32x4.convert_i32x4_s': fd(0xfa, 'v', 'v'), 'f64x2.convert_low_i32x4_s': fd(0xfe, 'v', 'v'),

  'f32.ne': one(0x5c, 'ss', 'i'), 'f32.lt': one(0x5d, 'ss', 'i'), 'f32.gt': one(0x5e, 'ss', 'i'), 'f32.ge': one(0x60, 'ss', 'i'),
  'f64.ne': one(0x62, 'dd', 'i'), 'f64.lt': one(0x63, 'dd', 'i'), 'f64.gt': one(0x64, 'dd', 'i'), 'f64.ge': one(0x66, 'dd', 'i'),
  'f32.abs': one(0x8b, 's', 's'), 'f32.ceil': one(0x8d, 's', 's'), 'f32.floor': one(0x8e, 's', 's'), 'f32.trunc': one(0x8f, 's', 's'),
  'f64.abs': one(0x99, 'd', 'd'), 'f64.ceil': one(0x9b, 'd', 'd'), 'f64.floor': one(0x9c, 'd', 'd'), 'f64.trunc': one(0x9d, 'd', 'd'),
  'f32.demote_f64': one(0xb6, 'd', 's'), 'f64.promote_f32': one(0xbb, 's', 'd'),
  'f32.nearest': one(0x90, 's', 's'), 'f32.sqrt': one(0x91, 's', 's'),
  'f32.add': one(0x92, 'ss', 's'), 'f32.sub': one(0x93, 'ss', 's'), 'f32.mul': one(0x94, 'ss', 's'), 'f32.div': one(0x95, 'ss', 's'),
  'f64.nearest': one(0x9e, 'd', 'd'), 'f64.sqrt': one(0x9f, 'd', 'd'),
  'f64.add': one(0xa0, 'dd', 'd'), 'f64.sub': one(0xa1, 'dd', 'd'), 'f64.mul': one(0xa2, 'dd', 'd'), 'f64.div': one(0xa3, 'dd', 'd'),
  'f32.convert_i32_s': one(0xb2, 'i', 's'), 'f32.convert_i64_s': one(0xb4, 'l', 's'),
  'f64.convert_i32_s': one(0xb7, 'i', 'd'), 'f64.convert_i64_s': one(0xb9, 'l', 'd'),
  'f64.convert_i64_u': one(0xba, 'l', 'd'), 'i64.trunc_sat_f64_u': fc(7, 'd', 'l'),
  'f32.reinterpret_i32': one(0xbe, 'i', 's'), 'f64.reinterpret_i64': one(0xbf, 'l', 'd'),
  'i32.reinterpret_f32': one(0xbc, 's', 'i'), 'i64.reinterpret_f64': one(0xbd, 'd', 'l'),
  'i32.trunc_sat_f32_s': fc(0, 's', 'i'), 'i32.trunc_sat_f64_s': fc(2, 'd', 'i'),
  'i64.trunc_sat_f32_s': fc(4, 's', 'l'), 'i64.trunc_sat_f64_s': fc(6, 'd', 'l'),
} as const; // biome-ignore format: a table by kind

export type VectorOp = keyof typeof VECTOR_OPS;
export const I8X16_SHUFFLE = PREFIX_FD | 0x0d;

const TYPES: Record<string, ValType> = { v: V128, i: I32, l: I64, s: F32, d: F64 };
/** Of a letter in VECTOR_OPS. */
export const typeOfLetter = (letter: string): ValType => TYPES[letter];
/** Whether the instruction's immediate is a lane's number. */
export const hasLane = (op: number): boolean => op >= (PREFIX_FD | 0x15) && op <= (PREFIX_FD | 0x22);
