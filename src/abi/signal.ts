/**
 * Signals, and the reasons that go with them: asm-generic/signal.h, asm-generic/siginfo.h; default actions from
 * signal(7).
 */
export const SIGHUP = 1;
export const SIGINT = 2;
export const SIGQUIT = 3;
export const SIGILL = 4;
export const SIGTRAP = 5;
export const SIGABRT = 6;
export const SIGBUS = 7;
export const SIGFPE = 8;
export const SIGKILL = 9;
export const SIGUSR1 = 10;
export const SIGSEGV = 11;
export const SIGUSR2 = 12;
export const SIGPIPE = 13;
export const SIGALRM = 14;
export const SIGTERM = 15;
export const SIGSTKFLT = 16;
export const SIGCHLD = 17;
export const SIGCONT = 18;
export const SIGSTOP = 19;
export const SIGTSTP = 20;
export const SIGTTIN = 21;
export const SIGTTOU = 22;
export const SIGURG = 23;
export const SIGXCPU = 24;
export const SIGXFSZ = 25;
export const SIGVTALRM = 26;
export const SIGPROF = 27;
export const SIGWINCH = 28;
export const SIGIO = 29;
export const SIGPWR = 30;
export const SIGSYS = 31;
/** Real-time signals are 32 (SIGRTMIN, as the kernel counts) to 64. */
export const SIGRTMIN = 32;
export const SIGNAL_MAX = 64;

const NAMES: readonly string[] = [
  '',
  'SIGHUP',
  'SIGINT',
  'SIGQUIT',
  'SIGILL',
  'SIGTRAP',
  'SIGABRT',
  'SIGBUS',
  'SIGFPE',
  'SIGKILL',
  'SIGUSR1',
  'SIGSEGV',
  'SIGUSR2',
  'SIGPIPE',
  'SIGALRM',
  'SIGTERM',
  'SIGSTKFLT',
  'SIGCHLD',
  'SIGCONT',
  'SIGSTOP',
  'SIGTSTP',
  'SIGTTIN',
  'SIGTTOU',
  'SIGURG',
  'SIGXCPU',
  'SIGXFSZ',
  'SIGVTALRM',
  'SIGPROF',
  'SIGWINCH',
  'SIGIO',
  'SIGPWR',
  'SIGSYS',
];

/** `SIGSEGV`, `SIGRT_3`: as strace(1) prints a signal; a number that is no signal prints as itself. */
export function signalName(signal: number): string {
  if (signal >= SIGRTMIN && signal <= SIGNAL_MAX)
    return signal === SIGRTMIN ? 'SIGRTMIN' : `SIGRT_${signal - SIGRTMIN}`;
  return signal > 0 && signal < NAMES.length ? NAMES[signal] : String(signal);
}

/** The bit of a signal in a set of them (sigset_t, 64 bits). */
export const signalBit = (signal: number): bigint => 1n << BigInt(signal - 1);
export const SIGSET_BYTES = 8;
/** SIGKILL and SIGSTOP: never blocked, ignored or handled. */
export const UNBLOCKABLE: bigint = signalBit(SIGKILL) | signalBit(SIGSTOP);
/** Signals that stop a process by default. */
export const STOP_SIGNALS: bigint = signalBit(SIGSTOP) | signalBit(SIGTSTP) | signalBit(SIGTTIN) | signalBit(SIGTTOU);
/** In the place of a handler. */
export const SIG_DFL = 0n;
export const SIG_IGN = 1n;
/** Flags of sigaction(2). */
export const SA_NOCLDSTOP = 1n;
export const SA_NOCLDWAIT = 2n;
export const SA_SIGINFO = 4n;
export const SA_RESTORER = 0x0400_0000n;
export const SA_ONSTACK = 0x0800_0000n;
export const SA_RESTART = 0x1000_0000n;
export const SA_NODEFER = 0x4000_0000n;
export const SA_RESETHAND = 0x8000_0000n;
/** In the order in which strace(1) prints them. */
export const SA_NAMES: Readonly<Record<string, bigint>> = {
  SA_RESTORER, SA_ONSTACK, SA_RESTART, SA_INTERRUPT: 0x2000_0000n, SA_NODEFER, SA_RESETHAND, SA_SIGINFO, SA_NOCLDSTOP,
  SA_NOCLDWAIT,
}; // biome-ignore format: a list
/** What rt_sigprocmask(2) does with a set. */
export const SIG_BLOCK = 0;
export const SIG_UNBLOCK = 1;
export const SIG_SETMASK = 2;
export const MASK_CHANGE_NAMES = ['SIG_BLOCK', 'SIG_UNBLOCK', 'SIG_SETMASK'] as const;

/** `[INT PIPE RT_2]`, `~[KILL STOP]`: as strace(1) prints a set. */
export function signalSetText(set: bigint): string {
  const signals = Array.from({ length: SIGNAL_MAX }, (_, i) => i + 1);
  const within = signals.filter((signal) => set & signalBit(signal));
  const inverted = within.length >= (SIGNAL_MAX * 2) / 3 - 1;
  const listed = inverted ? signals.filter((signal) => !(set & signalBit(signal))) : within;
  const names = listed.map((signal) => signalName(signal).slice('SIG'.length));
  return `${inverted ? '~' : ''}[${names.join(' ')}]`;
}

export type DefaultAction = 'terminate' | 'ignore' | 'stop' | 'continue';

/** What a signal does to a process that has not asked for anything else; a core dump is only a termination here. */
export function defaultAction(signal: number): DefaultAction {
  switch (signal) {
    case SIGCHLD:
    case SIGURG:
    case SIGWINCH:
      return 'ignore';
    case SIGCONT:
      return 'continue';
    case SIGSTOP:
    case SIGTSTP:
    case SIGTTIN:
    case SIGTTOU:
      return 'stop';
    default:
      return 'terminate';
  }
}

export const SI_USER = 0;
export const SI_KERNEL = 0x80;
export const SI_QUEUE = -1;
export const SI_TIMER = -2;
export const SI_MESGQ = -3;
export const SI_ASYNCIO = -4;
export const SI_SIGIO = -5;
export const SI_TKILL = -6;
export const SI_ASYNCNL = -60;
export const ILL_ILLOPN = 2;
export const FPE_INTDIV = 1;
export const FPE_FLTDIV = 3;
export const FPE_FLTOVF = 4;
export const FPE_FLTUND = 5;
export const FPE_FLTRES = 6;
export const FPE_FLTINV = 7;
export const TRAP_TRACE = 2;
export const SEGV_MAPERR = 1;
export const SEGV_ACCERR = 2;
export const BUS_ADRALN = 1;
export const BUS_ADRERR = 2;
export const CLD_EXITED = 1;
export const CLD_KILLED = 2;
export const CLD_DUMPED = 3;
export const CLD_TRAPPED = 4;
export const CLD_STOPPED = 5;
export const CLD_CONTINUED = 6;

const USER_CODES: Readonly<Record<number, string>> = {
  [SI_USER]: 'SI_USER',
  [SI_KERNEL]: 'SI_KERNEL',
  [SI_QUEUE]: 'SI_QUEUE',
  [SI_TIMER]: 'SI_TIMER',
  [SI_MESGQ]: 'SI_MESGQ',
  [SI_ASYNCIO]: 'SI_ASYNCIO',
  [SI_SIGIO]: 'SI_SIGIO',
  [SI_TKILL]: 'SI_TKILL',
  [SI_ASYNCNL]: 'SI_ASYNCNL',
};
const SIGNAL_CODES: Readonly<Record<number, Readonly<Record<number, string>>>> = {
  [SIGILL]: { [ILL_ILLOPN]: 'ILL_ILLOPN' },
  [SIGFPE]: {
    [FPE_INTDIV]: 'FPE_INTDIV',
    [FPE_FLTDIV]: 'FPE_FLTDIV',
    [FPE_FLTOVF]: 'FPE_FLTOVF',
    [FPE_FLTUND]: 'FPE_FLTUND',
    [FPE_FLTRES]: 'FPE_FLTRES',
    [FPE_FLTINV]: 'FPE_FLTINV',
  },
  [SIGTRAP]: { [TRAP_TRACE]: 'TRAP_TRACE' },
  [SIGSEGV]: { [SEGV_MAPERR]: 'SEGV_MAPERR', [SEGV_ACCERR]: 'SEGV_ACCERR' },
  [SIGBUS]: { [BUS_ADRALN]: 'BUS_ADRALN', [BUS_ADRERR]: 'BUS_ADRERR' },
  [SIGCHLD]: {
    [CLD_EXITED]: 'CLD_EXITED',
    [CLD_KILLED]: 'CLD_KILLED',
    [CLD_DUMPED]: 'CLD_DUMPED',
    [CLD_TRAPPED]: 'CLD_TRAPPED',
    [CLD_STOPPED]: 'CLD_STOPPED',
    [CLD_CONTINUED]: 'CLD_CONTINUED',
  },
};

/** The name of si_code, which depends on the signal. */
export const signalCodeName = (signal: number, code: number): string =>
  USER_CODES[code] ?? SIGNAL_CODES[signal]?.[code] ?? String(code);

/** The parts of siginfo_t that are in use: linux sigaction(2). */
export interface SignalInfo {
  readonly signal: number;
  readonly code: number;
  /** Faults: the address. */
  readonly address?: bigint;
  /** kill and SIGCHLD: who sent it, who changed state. */
  readonly pid?: number;
  readonly uid?: number;
  /** SIGCHLD: exit status or signal number, by `code`; clock ticks spent. */
  readonly status?: number;
  readonly utime?: number;
  /** What the sender adds: sigqueue(3), timer_create(2). */
  readonly value?: bigint;
  /** SI_TIMER: which timer, and how often it has expired since. */
  readonly timer?: number;
  readonly overrun?: number;
  /** When it is taken from those that wait, this is what it has become; undefined: it is no longer to be delivered. */
  readonly taken?: (() => SignalInfo | undefined) | undefined;
  /** SIGIO: POLL bits and the descriptor. */
  readonly band?: number;
  readonly fd?: number;
  /** Bytes 12 to 127 as a program gave them: rt_sigqueueinfo(2). */
  readonly raw?: Uint8Array;
}
