/**
 * System instructions as user mode meets them, flags control, hints. What the privilege level or the UMIP feature
 * forbids raises #GP(0). Intel SDM Vol. 2, by instruction name. Left out: far JMP and CALL, LAR, LSL, VERR, VERW.
 */
import { RAX, RCX, RDX } from '../state.ts';
import { asImm, bit, requireCanonical } from './common.ts';
import { type Encoding, type InstructionDef, instruction } from './define.ts';
import type { Operand } from './operand.ts';

const AH: Operand = { kind: 'reg', width: 8, reg: RAX, high: true, access: 'rw' };

/** SYSCALL: RCX := RIP of the next instruction, R11 := RFLAGS. */
export const SYSCALL = instruction({
  mnemonic: 'syscall',
  encodings: [['0F 05', '']],
  access: '',
  flags: { reads: 'oszapc' },
  flow: 'syscall',
  emit(b) {
    b.writeReg(64, RCX, b.const(64, b.nextRip));
    b.writeReg(64, 11, b.rflags());
    b.syscall();
  },
});

/** CPUID. */
export const CPUID = instruction({
  mnemonic: 'cpuid',
  encodings: [['0F A2', '']],
  access: '',
  emit(b) {
    b.cpuid();
  },
});

/** RDTSC: EDX:EAX := time-stamp counter. */
export const RDTSC = instruction({
  mnemonic: 'rdtsc',
  encodings: [['0F 31', '']],
  access: '',
  emit(b) {
    const now = b.timestamp();
    b.writeReg(32, RAX, b.trunc(64, 32, now));
    b.writeReg(32, RDX, b.trunc(64, 32, b.shrU(64, now, b.const(32, 32))));
  },
});

/** RDTSCP: as RDTSC, and ECX := IA32_TSC_AUX, which is 0 for the one processor. */
export const RDTSCP = instruction({
  mnemonic: 'rdtscp',
  encodings: [['0F 01 F9', '']],
  access: '',
  emit(b, insn) {
    RDTSC.emit(b, insn);
    b.writeReg(32, RCX, b.const(32, 0));
  },
});

/** RDPID: DEST := IA32_TSC_AUX. */
export const RDPID = instruction({
  mnemonic: 'rdpid',
  encodings: [['F3 0F C7 /7', 'r64']],
  access: 'w',
  emit(b, { ops: [dst] }) {
    b.write(dst, b.const(64, 0));
  },
});

/** RDRAND, RDSEED: DEST := a random number, which follows from the seed; CF := 1, for there is always one. */
const random = (mnemonic: string, n: number): InstructionDef =>
  instruction({
    mnemonic,
    encodings: [[`0F C7 /${n}`, 'r']],
    access: 'w',
    flags: { writes: 'oszapc' },
    emit(b, { ops: [dst], width }) {
      b.write(dst, b.trunc(64, width, b.callRuntime('nextRandom')));
      const no = b.const(32, 0);
      b.setFlags({ o: no, s: no, z: no, a: no, p: no, c: b.const(32, 1) });
    },
  });
export const RDRAND = random('rdrand', 6);
export const RDSEED = random('rdseed', 7);

const segmentBase = (mnemonic: string, n: number, segment: 'fs' | 'gs', writes: boolean) =>
  instruction({
    mnemonic,
    encodings: [[`F3 0F AE /${n}`, 'r', 'NO16']],
    access: writes ? 'r' : 'w',
    emit(b, { ops: [register], width }) {
      if (!writes) {
        const base = b.segmentBase(segment);
        b.write(register, width === 64 ? base : b.trunc(64, 32, base));
        return;
      }
      const value = b.read(register);
      const base = width === 64 ? value : b.zext(32, 64, value);
      requireCanonical(b, base);
      b.setSegmentBase(segment, base);
    },
  });
export const RDFSBASE = segmentBase('rdfsbase', 0, 'fs', false);
export const RDGSBASE = segmentBase('rdgsbase', 1, 'gs', false);
export const WRFSBASE = segmentBase('wrfsbase', 2, 'fs', true);
export const WRGSBASE = segmentBase('wrgsbase', 3, 'gs', true);

// ---- flags -----------------------------------------------------------------------------------------------------------

export const CLC = instruction({
  mnemonic: 'clc',
  encodings: [['F8', '']],
  access: '',
  flags: { writes: 'c' },
  emit(b) {
    b.setFlags({ c: b.const(8, 0) });
  },
});

export const STC = instruction({
  mnemonic: 'stc',
  encodings: [['F9', '']],
  access: '',
  flags: { writes: 'c' },
  emit(b) {
    b.setFlags({ c: b.const(8, 1) });
  },
});

export const CMC = instruction({
  mnemonic: 'cmc',
  encodings: [['F5', '']],
  access: '',
  flags: { reads: 'c', writes: 'c' },
  emit(b) {
    b.setFlags({ c: b.boolNot(b.flag('c')) });
  },
});

export const CLD = instruction({
  mnemonic: 'cld',
  encodings: [['FC', '']],
  access: '',
  emit(b) {
    b.setDirectionFlag(false);
  },
});

export const STD = instruction({
  mnemonic: 'std',
  encodings: [['FD', '']],
  access: '',
  emit(b) {
    b.setDirectionFlag(true);
  },
});

/** LAHF: AH := SF, ZF, AF, PF and CF at their places in RFLAGS, and its bit 1. */
export const LAHF = instruction({
  mnemonic: 'lahf',
  encodings: [['9F', '']],
  access: '',
  flags: { reads: 'szapc' },
  emit(b) {
    b.write(AH, b.trunc(64, 8, b.rflags()));
  },
});

/** SAHF: SF, ZF, AF, PF and CF := their places in AH. */
export const SAHF = instruction({
  mnemonic: 'sahf',
  encodings: [['9E', '']],
  access: '',
  flags: { reads: 'o', writes: 'szapc' },
  emit(b) {
    const image = b.read(AH);
    const at = (n: number) => bit(b, 8, image, n);
    b.setFlags({ s: at(7), z: at(6), a: at(4), p: at(2), c: at(0) });
  },
});

// ---- nothing happens -------------------------------------------------------------------------------------------------

const nothing = (mnemonic: string, encodings: readonly Encoding[], access = '') =>
  instruction({ mnemonic, encodings, access, emit() {} });

/** Hints for hardware that is not modeled; fences, for one processor has one order. */
export const HINTS: readonly InstructionDef[] = [
  nothing('nop', [['W0 90', '', 'REX.B=0', 'NO66'], ['0F 1F /0', 'r/m']], 'none'), // biome-ignore format: as in the manual
  nothing(
    'nop',
    [
      ['0F 18 /r', 'r/m, r'], ['0F 19 /r', 'r/m, r'], ['0F 1A /r', 'r/m, r'], ['0F 1B /r', 'r/m, r'],
      ['0F 1C /r', 'r/m, r'], ['0F 1D /r', 'r/m, r'], ['0F 1E /r', 'r/m, r'], ['0F 1F /r', 'r/m, r'],
      ['0F 0D /r', 'r/m, r'],
    ], // biome-ignore format: as in the manual
    'none none',
  ),
  nothing('pause', [['F3 90', '']]),
  nothing('endbr64', [['F3 0F 1E FA', '']]),
  nothing('endbr32', [['F3 0F 1E FB', '']]),
  nothing('prefetchnta', [['0F 18 /0', 'm8']], 'none'),
  nothing('prefetcht0', [['0F 18 /1', 'm8']], 'none'),
  nothing('prefetcht1', [['0F 18 /2', 'm8']], 'none'),
  nothing('prefetcht2', [['0F 18 /3', 'm8']], 'none'),
  nothing(
    'prefetch',
    [0, 4, 5, 6, 7].map((n) => [`0F 0D /${n}`, 'm8']),
    'none',
  ),
  nothing('prefetchw', [['0F 0D /1', 'm8'], ['0F 0D /3', 'm8']], 'none'), // biome-ignore format: as in the manual
  nothing('prefetchwt1', [['0F 0D /2', 'm8']], 'none'),
  nothing('prefetchit0', [['0F 18 /7', 'm8']], 'none'),
  nothing('prefetchit1', [['0F 18 /6', 'm8']], 'none'),
  nothing('cldemote', [['NP 0F 1C /0', 'm8']], 'none'),
  nothing('lfence', [['NP 0F AE /5 mod=3', '']]),
  nothing('mfence', [['NP 0F AE /6 mod=3', '']]),
  nothing('sfence', [['NP 0F AE /7 mod=3', '']]),
];

/** CLFLUSH and its kin touch the byte as a load does. */
const flush = (mnemonic: string, opcode: string) =>
  instruction({
    mnemonic,
    encodings: [[opcode, 'm8']],
    access: 'r',
    emit(b, { ops: [line] }) {
      b.read(line);
    },
  });
export const CLFLUSH = flush('clflush', 'NP 0F AE /7');
export const CLFLUSHOPT = flush('clflushopt', '66 0F AE /7');
export const CLWB = flush('clwb', '66 0F AE /6');

// ---- exceptions ------------------------------------------------------------------------------------------------------

/** INT3: breakpoint. */
export const INT3 = instruction({
  mnemonic: 'int3',
  encodings: [['CC', '']],
  access: '',
  flow: 'raise',
  emit(b) {
    b.raise('BP');
  },
});

/** INT1: debug exception. */
export const INT1 = instruction({
  mnemonic: 'int1',
  encodings: [['F1', '']],
  access: '',
  flow: 'raise',
  emit(b) {
    b.raise('DB');
  },
});

/** INT n: user mode may call the gates of #BP and #OF; any other is #GP with the gate as its error code. */
export const INT = instruction({
  mnemonic: 'int',
  encodings: [['CD ib', 'imm8']],
  access: 'r',
  flow: 'raise',
  emit(b, { ops: [vector] }) {
    const n = Number(asImm(vector).value);
    if (n === 3) b.raise('BP');
    else if (n === 4) b.raise('OF');
    else b.raise('GP', (n << 3) | 2);
  },
});

const undefinedOpcode = (mnemonic: string, encodings: readonly Encoding[]) =>
  instruction({
    mnemonic,
    encodings,
    access: 'none none',
    flow: 'raise',
    emit(b) {
      b.raise('UD');
    },
  });
export const UD0 = undefinedOpcode('ud0', [['0F FF /r', 'r, r/m']]);
export const UD1 = undefinedOpcode('ud1', [['0F B9 /r', 'r, r/m']]);
export const UD2 = undefinedOpcode('ud2', [['0F 0B', '']]);

const privileged = (mnemonic: string, encodings: readonly Encoding[], access = 'none none') =>
  instruction({
    mnemonic,
    encodings,
    access,
    flow: 'raise',
    privileged: true,
    emit(b) {
      b.raise('GP', 0);
    },
  });
export const PRIVILEGED: readonly InstructionDef[] = [
  privileged('hlt', [['F4', '']]),
  privileged('cli', [['FA', '']]),
  privileged('sti', [['FB', '']]),
  privileged('in', [
    ['E4 ib', 'AL, imm8'], ['E5 ib', 'rAX, imm8', 'NO64'], ['EC', 'AL, DX'], ['ED', 'rAX, DX', 'NO64'],
  ]), // biome-ignore format: as in the manual
  privileged('out', [
    ['E6 ib', 'imm8, AL'], ['E7 ib', 'imm8, rAX', 'NO64'], ['EE', 'DX, AL'], ['EF', 'DX, rAX', 'NO64'],
  ]), // biome-ignore format: as in the manual
  privileged('insb|insw|insd|insd', [['6C', '[rDI]', 'W8', 'REP'], ['6D', '[rDI]', 'REP', 'NO64']]), // biome-ignore format: as in the manual
  privileged('outsb|outsw|outsd|outsd', [['6E', '[rSI]', 'W8', 'REP'], ['6F', '[rSI]', 'REP', 'NO64']]), // biome-ignore format: as in the manual
  privileged('mov', [
    ['0F 20 /r', 'rm64, cr'], ['0F 21 /r', 'rm64, dr'], ['0F 22 /r', 'cr, rm64'], ['0F 23 /r', 'dr, rm64'],
  ]), // biome-ignore format: as in the manual
  privileged('sgdt', [['0F 01 /0', 'm8']]),
  privileged('sidt', [['0F 01 /1', 'm8']]),
  privileged('lgdt', [['0F 01 /2', 'm8']]),
  privileged('lidt', [['0F 01 /3', 'm8']]),
  privileged('smsw', [['0F 01 /4', 'rv/m16']]),
  privileged('lmsw', [['0F 01 /6', 'r/m16']]),
  privileged('invlpg', [['0F 01 /7', 'm8']]),
  privileged('invpcid', [['66 0F 38 82 /r', 'r64, m8']]),
  privileged('swapgs', [['0F 01 F8', '']]),
  privileged('sldt', [['0F 00 /0', 'rv/m16']]),
  privileged('str', [['0F 00 /1', 'rv/m16']]),
  privileged('lldt', [['0F 00 /2', 'r/m16']]),
  privileged('ltr', [['0F 00 /3', 'r/m16']]),
  privileged('clts', [['0F 06', '']]),
  privileged('sysret', [['0F 07', '']]),
  privileged('invd', [['0F 08', '']]),
  privileged('wbinvd', [['0F 09', '']]),
  privileged('xsetbv', [['NP 0F 01 D1', '']]),
  privileged('wrmsr', [['0F 30', '']]),
  privileged('rdmsr', [['0F 32', '']]),
  privileged('rdpmc', [['0F 33', '']]),
];
