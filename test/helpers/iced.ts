/** iced-x86 as the oracle for lengths and text, set to the syntax of cpu/disasm.ts. */
import { Decoder, DecoderOptions, Formatter, FormatterSyntax, type Instruction } from 'iced-x86';

export interface Decoded {
  readonly length: number;
  readonly text: string;
}

const formatter = new Formatter(FormatterSyntax.Nasm);
formatter.hexPrefix = '0x';
formatter.hexSuffix = '';
formatter.uppercaseHex = false;
formatter.spaceAfterOperandSeparator = true;
formatter.branchLeadingZeros = false;
formatter.showBranchSize = false;
formatter.usePseudoOps = false;

/** Prefixes that are shown there and not here, for they have no effect on this CPU. */
const WITHOUT_EFFECT =
  /^(?:(?:xacquire|xrelease|bnd|notrack|[cd]s) )+|^rep (?=ret)|^o(?:16|64) (?=lldt|ltr|lmsw|sysret)/;
/^(?:(?:xacquire|xrelease|bnd|notrack) )+|^[cd]s (?=j)|^rep (?=ret)|^o(?:16|64) (?=lldt|ltr|lmsw|sysret)/;

/** The instruction at the start of `bytes`; undefined if there is none. */
export function decodeWithIced(bytes: Uint8Array, rip: bigint): Decoded | undefined {
  const decoder = new Decoder(64, bytes, DecoderOptions.None);
  decoder.ip = rip;
  const instruction: Instruction = decoder.decode();
  const result = instruction.isInvalid
    ? undefined
    : { length: instruction.length, text: formatter.format(instruction).replace(WITHOUT_EFFECT, '') };
  instruction.free();
  decoder.free();
  return result;
}
