/**
 * The target description: what registers there are and what is in them, in XML. The names of the features are those by
 * which gdb knows x86-64 with SSE, AVX, segment bases and Linux's orig_rax. GDB manual, "Target Descriptions".
 */
import { RFLAGS_BITS } from '../debug/inspect/registers.ts';
import { MXCSR_BITS } from '../debug/inspect/vectors.ts';
import { type Feature, REGISTERS, type Register } from './registers.ts';

const FEATURES: readonly Feature[] = ['core', 'sse', 'linux', 'segments', 'avx'];

interface Field {
  readonly name: string;
  readonly first: number;
  readonly last?: number;
}

const fieldsOf = (bits: readonly { readonly name: string; readonly bit: number }[]): Field[] =>
  bits.map(({ name, bit }) => ({ name, first: bit }));

/** Flags, and unions of vectors of the same bits, by the feature that needs them. Bit 1 is always set, and has no name. */
const EFLAGS: readonly Field[] = [...fieldsOf(RFLAGS_BITS), { name: '', first: 1 }].sort((a, b) => a.first - b.first);
const MXCSR: readonly Field[] = fieldsOf(MXCSR_BITS);

/** What of a vector is shown: lanes of each type. */
const LANES: readonly (readonly [field: string, type: string, count: number])[] = [
  ['v8_bfloat16', 'bfloat16', 8],
  ['v8_half', 'ieee_half', 8],
  ['v4_float', 'ieee_single', 4],
  ['v2_double', 'ieee_double', 2],
  ['v16_int8', 'int8', 16],
  ['v8_int16', 'int16', 8],
  ['v4_int32', 'int32', 4],
  ['v2_int64', 'int64', 2],
];

const flags = (id: string, fields: readonly Field[]): string[] => [
  `<flags id="${id}" size="4">`,
  ...fields.map(({ name, first }) => `  <field name="${name}" start="${first}" end="${first}" type="bool"/>`),
  '</flags>',
];

const vectors = (): string[] => [
  ...LANES.map(([field, type, count]) => `<vector id="${field}_lanes" type="${type}" count="${count}"/>`),
  '<union id="vec128">',
  ...LANES.map(([field]) => `  <field name="${field}" type="${field}_lanes"/>`),
  '  <field name="uint128" type="uint128"/>',
  '</union>',
];

const TYPES: Readonly<Record<Feature, readonly string[]>> = {
  core: flags('i386_eflags', EFLAGS),
  sse: [...vectors(), ...flags('i386_mxcsr', MXCSR)],
  linux: [],
  segments: [],
  avx: [],
};

const registerLine = ({ name, bits, type, group }: Register, number: number): string =>
  `<reg name="${name}" bitsize="${bits}" type="${type}" regnum="${number}"${group === undefined ? '' : ` group="${group}"`}/>`;

const featureLines = (feature: Feature): string[] => [
  `<feature name="org.gnu.gdb.i386.${feature}">`,
  ...TYPES[feature].map((line) => `  ${line}`),
  ...REGISTERS.flatMap((register, number) =>
    register.feature === feature ? [`  ${registerLine(register, number)}`] : [],
  ),
  '</feature>',
];

/** target.xml, complete: it includes no other file. */
export const TARGET_XML: string = [
  '<?xml version="1.0"?>',
  '<!DOCTYPE target SYSTEM "gdb-target.dtd">',
  '<target>',
  '  <architecture>i386:x86-64</architecture>',
  '  <osabi>GNU/Linux</osabi>',
  ...FEATURES.flatMap(featureLines).map((line) => `  ${line}`),
  '</target>',
  '',
].join('\n');
