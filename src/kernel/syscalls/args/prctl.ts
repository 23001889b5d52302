/** Arguments of prctl(2): how many there are, and what they are, depends on the first. */
import { CAP_NAMES } from '../../../abi/credentials.ts';
import { signalName } from '../../../abi/signal.ts';
import type { CallView } from '../define.ts';
import { failed, i32, viewOf } from './kind.ts';
import { decimal, named, pointer, quoted, zeroOrHex } from './text.ts';

type Word = (value: bigint, call: CallView) => string;

const number = (value: bigint): string => decimal(value);
const list =
  (names: readonly string[], unknown: string): Word =>
  (value) =>
    named(Number(BigInt.asUintN(32, value)), names, unknown);
const signal: Word = (value) => (value > 64n ? decimal(value) : signalName(Number(value)));
/** An int that the call stores. */
const stored =
  (print: (value: number) => string): Word =>
  (address, call) => {
    const bytes = failed(call) ? undefined : call.peek(address, 4);
    return bytes === undefined ? pointer(address) : `[${print(viewOf(bytes).getInt32(0, true))}]`;
  };
const TSC = list(['', 'PR_TSC_ENABLE', 'PR_TSC_SIGSEGV'], 'PR_TSC_???');
const CAP = list(CAP_NAMES, 'CAP_???');
const DUMPABLE = ['SUID_DUMP_DISABLE', 'SUID_DUMP_USER', 'SUID_DUMP_ROOT'];
const name: Word = (address, { peek }) => {
  const bytes = peek(address, 16) ?? new Uint8Array(0);
  if (bytes.length === 0) return pointer(address);
  const end = bytes.indexOf(0);
  return end < 0 ? `${quoted(bytes.subarray(0, 15))}...` : quoted(bytes.subarray(0, end));
};
const AMBIENT = list(
  ['', 'PR_CAP_AMBIENT_IS_SET', 'PR_CAP_AMBIENT_RAISE', 'PR_CAP_AMBIENT_LOWER', 'PR_CAP_AMBIENT_CLEAR_ALL'],
  'PR_CAP_AMBIENT_???',
);
const hexWord: Word = (value) => zeroOrHex(value);
const four: readonly Word[] = [hexWord, hexWord, hexWord, hexWord];

interface Option {
  readonly name: string;
  readonly words: readonly Word[];
  /** Printed when the call has returned. */
  readonly isFilled?: boolean;
  readonly result?: (result: bigint) => string;
}

const OPTIONS: Readonly<Record<number, Option>> = {
  1: { name: 'PR_SET_PDEATHSIG', words: [signal] },
  2: { name: 'PR_GET_PDEATHSIG', words: [stored(signalName)], isFilled: true },
  3: { name: 'PR_GET_DUMPABLE', words: [], result: (result) => `${result} (${DUMPABLE[Number(result)]})` },
  4: { name: 'PR_SET_DUMPABLE', words: [list(DUMPABLE, 'SUID_DUMP_???')] },
  5: { name: 'PR_GET_UNALIGN', words: [pointer] },
  6: { name: 'PR_SET_UNALIGN', words: [hexWord] },
  7: { name: 'PR_GET_KEEPCAPS', words: [] },
  8: { name: 'PR_SET_KEEPCAPS', words: [number] },
  13: { name: 'PR_GET_TIMING', words: [] },
  14: { name: 'PR_SET_TIMING', words: [number] },
  15: { name: 'PR_SET_NAME', words: [name] },
  16: {
    name: 'PR_GET_NAME',
    words: [(address, call) => (failed(call) ? pointer(address) : name(address, call))],
    isFilled: true,
  },
  21: { name: 'PR_GET_SECCOMP', words: [] },
  22: { name: 'PR_SET_SECCOMP', words: [list(['SECCOMP_MODE_DISABLED', 'SECCOMP_MODE_STRICT', 'SECCOMP_MODE_FILTER'], 'SECCOMP_MODE_???'), hexWord, hexWord, hexWord] }, // biome-ignore format: one line
  23: { name: 'PR_CAPBSET_READ', words: [CAP] },
  24: { name: 'PR_CAPBSET_DROP', words: [CAP] },
  25: { name: 'PR_GET_TSC', words: [stored((value) => TSC(BigInt(value), undefined as never))], isFilled: true },
  26: { name: 'PR_SET_TSC', words: [TSC] },
  27: {
    name: 'PR_GET_SECUREBITS',
    words: [],
    result: (result) => (result === 0x10n ? '0x10 (SECBIT_KEEP_CAPS)' : decimal(result)),
  },
  28: { name: 'PR_SET_SECUREBITS', words: [(value) => (value === 1n ? 'SECBIT_NOROOT' : zeroOrHex(value))] },
  29: { name: 'PR_SET_TIMERSLACK', words: [(value) => decimal(BigInt.asIntN(64, value))] },
  30: { name: 'PR_GET_TIMERSLACK', words: [] },
  33: { name: 'PR_MCE_KILL', words: four },
  34: { name: 'PR_MCE_KILL_GET', words: four, result: (result) => `${result} (PR_MCE_KILL_DEFAULT)` },
  35: { name: 'PR_SET_MM', words: [hexWord, hexWord, hexWord, hexWord] },
  36: { name: 'PR_SET_CHILD_SUBREAPER', words: [number] },
  37: { name: 'PR_GET_CHILD_SUBREAPER', words: [stored(String)], isFilled: true },
  38: { name: 'PR_SET_NO_NEW_PRIVS', words: [number, hexWord, hexWord, hexWord] },
  39: { name: 'PR_GET_NO_NEW_PRIVS', words: four },
  40: {
    name: 'PR_GET_TID_ADDRESS',
    isFilled: true,
    words: [
      (address, call) => {
        const bytes = failed(call) ? undefined : call.peek(address, 8);
        return bytes === undefined ? pointer(address) : `[${pointer(viewOf(bytes).getBigUint64(0, true))}]`;
      },
    ],
  },
  41: { name: 'PR_SET_THP_DISABLE', words: [number, hexWord, hexWord, hexWord] },
  42: { name: 'PR_GET_THP_DISABLE', words: four },
  47: { name: 'PR_CAP_AMBIENT', words: [AMBIENT, (value, { args }) => (args.second === 4n || (args.second as bigint) > 4n ? zeroOrHex(value) : CAP(value, undefined as never)), hexWord, hexWord] }, // biome-ignore format: one line
  57: { name: 'PR_SET_IO_FLUSHER', words: [number, hexWord, hexWord, hexWord] },
  58: { name: 'PR_GET_IO_FLUSHER', words: four },
};

const optionOf = (option: number): Option => OPTIONS[option] ?? { name: named(option, [], 'PR_???'), words: four };

export const prctlOption = i32((option) => optionOf(option).name);

interface Args {
  readonly option: number;
  readonly second: bigint;
  readonly third: bigint;
  readonly fourth: bigint;
  readonly fifth: bigint;
}

function wordsText({ words }: Option, { second, third, fourth, fifth }: Args, call: CallView): string {
  return words.map((print, i) => `, ${print([second, third, fourth, fifth][i], call)}`).join('');
}

export const prctlText = {
  before(args: Args, call: CallView): string {
    const option = optionOf(args.option);
    return `${option.name}${option.isFilled ? '' : wordsText(option, args, call)}`;
  },
  after(args: Args, call: CallView): string {
    const option = optionOf(args.option);
    return option.isFilled ? wordsText(option, args, call) : '';
  },
};

export const prctlResult = (option: number, result: bigint): string | undefined => optionOf(option).result?.(result);
