/** Which instructions a case can be made of: those that touch general, vector and x87 registers, flags, MXCSR and memory alone. */
import type { Inspected } from './inspect.ts';
import { chance, type Rng } from './values.ts';

/** System calls, and what answers differently each time or on each machine. */
const LEFT_OUT = new Set([
  'syscall', 'sysenter', 'sysexit', 'sysret', 'sysretq', 'sysexitq', 'int', 'int1', 'into', 'iret', 'iretd', 'iretq', 'cpuid', 'rdtsc', 'rdtscp',
  'rdrand', 'rdseed', 'rdpid', 'rdpmc', 'rdpru', 'xgetbv', 'xsetbv', 'lsl', 'lar', 'verr', 'verw', 'sgdt', 'sidt', 'sldt', 'str', 'smsw',
  'retf', 'retfq', 'xbegin', 'xabort', 'xend', 'xtest', 'lfs', 'lgs', 'lss', 'montmul', 'xstore', 'monitor', 'mwait', 'monitorx', 'mwaitx',
  'tpause', 'umwait', 'umonitor', 'hreset', 'serialize', 'enclu', 'encls', 'enclv', 'vmfunc', 'getsec', 'wbnoinvd', 'clzero', 'ud0', 'ud1',
  'xsaveopt', 'xsaveopt64', 'xsavec', 'xsavec64',
  'xsaves', 'xsaves64', 'xrstors', 'xrstors64', 'femms', 'rdsspd', 'rdsspq', 'incsspd',
  'incsspq', 'movdir64b', 'enqcmd', 'enqcmds', 'cldemote', 'ptwrite', 'rdpkru', 'wrpkru', 'senduipi', 'clui', 'stui', 'testui', 'uiret', 'jmpe',
  'vmcall', 'vmmcall', 'vmgexit', 'skinit', 'stgi', 'clgi', 'vmrun', 'vmload', 'vmsave', 'invlpga', 'invlpgb', 'tlbsync', 'pconfig', 'seamcall', 'tdcall',
  'aesdecwide128kl', 'loadiwkey', 'undoc', 'storeall', 'loadall', 'pbndkb', 'wrmsrns', 'rdmsrlist', 'wrmsrlist', 'erets', 'eretu', 'lkgs', 'sttilecfg', 'ldtilecfg', 'tilerelease',
  'xsusldtrk', 'xresldtrk', 'invpcid', 'prefetchit0', 'prefetchit1',
]); // biome-ignore format: a list of names

/** Whether a case can be made of it. */
export function usable(insn: Inspected, rng: Rng): boolean {
  if (!insn.valid || insn.otherState || LEFT_OUT.has(insn.mnemonic)) return false;
  // EDX:EAX says what is saved, and is no address.
  if (/^x(save|rstor)/.test(insn.mnemonic) && insn.memory.some(({ base, index }) => [base, index].some((one) => one && (one.number & ~2) === 0))) return false; // biome-ignore format: one line
  // Far transfers.
  if (/^(jmp|call)$/.test(insn.mnemonic) && insn.operands[0]?.kind === 'memory' && insn.width !== 64) return false;
  if (/^(mov|pop)$/.test(insn.mnemonic) && / [c-gs]s(,|$)/.test(insn.text)) return false;
  return chance(rng, insn.locked ? 0.5 : 1);
}
