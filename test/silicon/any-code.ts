/**
 * Random instructions by opcode byte, valid by iced-x86 and free of state that vectors do not carry. Knows nothing of
 * src/cpu/isa: what is missing there comes out as a #UD where the CPU retired it.
 */
import { type Inspected, inspect } from './inspect.ts';
import { below, bits, bytesOf, chance, pick, type Rng } from './values.ts';
import { CODE_AT } from './wire.ts';

/** System calls, and what answers differently each time or on each machine. */
const LEFT_OUT = new Set([
  'syscall', 'sysenter', 'sysexit', 'sysret', 'sysretq', 'sysexitq', 'int', 'int1', 'into', 'iret', 'iretd', 'iretq', 'cpuid', 'rdtsc', 'rdtscp',
  'rdrand', 'rdseed', 'rdpid', 'rdpmc', 'rdpru', 'xgetbv', 'xsetbv', 'lsl', 'lar', 'verr', 'verw', 'sgdt', 'sidt', 'sldt', 'str', 'smsw',
  'retf', 'retfq', 'xbegin', 'xabort', 'xend', 'xtest', 'lfs', 'lgs', 'lss', 'montmul', 'xstore', 'monitor', 'mwait', 'monitorx', 'mwaitx',
  'tpause', 'umwait', 'umonitor', 'hreset', 'serialize', 'enclu', 'encls', 'enclv', 'vmfunc', 'getsec', 'wbnoinvd', 'clzero', 'ud0', 'ud1',
  'fxsave', 'fxsave64', 'fxrstor', 'fxrstor64', 'xsave', 'xsave64', 'xsaveopt', 'xsaveopt64', 'xsavec', 'xsavec64', 'xrstor', 'xrstor64',
  'xsaves', 'xsaves64', 'xrstors', 'xrstors64', 'ldmxcsr', 'vldmxcsr', 'stmxcsr', 'vstmxcsr', 'emms', 'femms', 'rdsspd', 'rdsspq', 'incsspd',
  'incsspq', 'movdir64b', 'enqcmd', 'enqcmds', 'cldemote', 'ptwrite', 'rdpkru', 'wrpkru', 'senduipi', 'clui', 'stui', 'testui', 'uiret', 'jmpe',
  'vmcall', 'vmmcall', 'vmgexit', 'skinit', 'stgi', 'clgi', 'vmrun', 'vmload', 'vmsave', 'invlpga', 'invlpgb', 'tlbsync', 'pconfig', 'seamcall', 'tdcall',
  'aesdecwide128kl', 'loadiwkey', 'undoc', 'storeall', 'loadall', 'pbndkb', 'wrmsrns', 'rdmsrlist', 'wrmsrlist', 'erets', 'eretu', 'lkgs', 'sttilecfg', 'ldtilecfg', 'tilerelease',
  'xsusldtrk', 'xresldtrk', 'movdiri', 'invpcid', 'prefetchit0', 'prefetchit1',
]); // biome-ignore format: a list of names

/** Whether a case can be made of it. */
export function usable(insn: Inspected, rng: Rng): boolean {
  if (!insn.valid || insn.otherState || /^(f|v?cvt)/.test(insn.mnemonic) || LEFT_OUT.has(insn.mnemonic)) return false;
  // Far transfers.
  if (/^(jmp|call)$/.test(insn.mnemonic) && insn.operands[0]?.kind === 'memory' && insn.width !== 64) return false;
  if (/^(mov|pop)$/.test(insn.mnemonic) && / [c-gs]s(,|$)/.test(insn.text)) return false;
  return chance(rng, insn.locked ? 0.5 : 1);
}

const LEGACY = [0x66, 0x66, 0x67, 0xf2, 0xf3, 0xf3, 0x64, 0x65, 0xf0];

/** Random bytes after random prefixes; mostly not an instruction. */
function candidate(rng: Rng): Uint8Array {
  const bytes: number[] = [];
  while (chance(rng, 0.22)) bytes.push(pick(rng, LEGACY));
  if (chance(rng, 0.5)) bytes.push(0x40 | below(rng, 16));
  const map = below(rng, 8);
  if (map >= 5) bytes.push(0x0f);
  if (map === 7 && chance(rng, 0.15)) bytes.push(0x38);
  bytes.push(...bytesOf(bits(rng, 96), 11));
  return Uint8Array.from(bytes.slice(0, 15));
}

/** Bytes of exactly one instruction. */
export function anyInstruction(rng: Rng, wanted: (insn: Inspected) => boolean = () => true): Uint8Array {
  for (;;) {
    const bytes = candidate(rng);
    const insn = inspect(bytes, CODE_AT);
    if (usable(insn, rng) && wanted(insn)) return bytes.subarray(0, insn.length);
  }
}
