/** The names of all instructions that there are here, for the editor's colours; a list of words in the bundle. */
import { allRecords } from '../../../cpu/isa/index.ts';
import { MISSING } from '../../../cpu/isa/missing.ts';

const CONDITIONS = 'a ae b be c e g ge l le na nae nb nbe nc ne ng nge nl nle no np ns nz o p pe po s z'.split(' ');
/** NASM's other names, and what stands before an instruction. */
const ALIASES = [
  ...['j', 'set', 'cmov'].flatMap((stem) => CONDITIONS.map((condition) => stem + condition)),
  'rep', 'repe', 'repz', 'repne', 'repnz', 'lock', 'movabs', 'sal', 'iretq', 'pushfq', 'popfq', 'retn', 'retf', 'wait',
  'xlatb', 'int3', 'nop',
]; // biome-ignore format: a list

/** A record has several names by width, `movsb|movsw`, or by condition, `j{cc}`, which stand among the aliases. */
const namesOf = (mnemonic: string): string[] =>
  mnemonic
    .toLowerCase()
    .split(/[|/ ]+/)
    .filter((name) => /^[a-z0-9]+$/.test(name));

export const MNEMONICS: readonly string[] = [
  ...new Set([...[...allRecords(), ...MISSING].flatMap(({ mnemonic }) => namesOf(mnemonic)), ...ALIASES]),
].sort();
