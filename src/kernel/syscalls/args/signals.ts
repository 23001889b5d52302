/** Arguments of calls on signals. */
import { SIGINFO_BYTES } from '../../../abi/siginfo.ts';
import {
  CLD_EXITED,
  MASK_CHANGE_NAMES,
  SA_NAMES,
  SA_RESTORER,
  SI_TIMER,
  SI_TKILL,
  SI_USER,
  SIG_DFL,
  SIG_IGN,
  SIGBUS,
  SIGCHLD,
  SIGFPE,
  SIGILL,
  SIGIO,
  SIGSEGV,
  SIGSET_BYTES,
  SIGTRAP,
  signalCodeName,
  signalName,
  signalSetText,
} from '../../../abi/signal.ts';
import { type ArgKind, filled, i32, input, inStruct, output, outStruct, viewOf } from './kind.ts';
import { flagParts, named, pointer, wideFlagParts, zeroOrHex } from './text.ts';

export const signal = i32(signalName);
export const maskChange = i32((how) => named(how, MASK_CHANGE_NAMES, 'SIG_???'));
/** Its size is another argument of the call; of a set of another size only the address is printed. */
export const inSigset = input((address, { args, peek }) => {
  const isWhole = address !== 0n && args.size === BigInt(SIGSET_BYTES);
  const bytes = isWhole ? peek(address, SIGSET_BYTES) : undefined;
  return bytes === undefined ? pointer(address) : sigsetText(bytes);
});
/** Of pselect6(2): a pointer to a set, and its size. */
export const inSigsetPair = input((address, { peek }) => {
  const pair = address === 0n ? undefined : peek(address, 16);
  if (pair === undefined) return pointer(address);
  const [set, size] = [viewOf(pair).getBigUint64(0, true), viewOf(pair).getBigUint64(8, true)];
  const bytes = set !== 0n && size === BigInt(SIGSET_BYTES) ? peek(set, SIGSET_BYTES) : undefined;
  return `{sigmask=${bytes === undefined ? pointer(set) : sigsetText(bytes)}, sigsetsize=${size}}`;
});
export const outSigset = outStruct(SIGSET_BYTES, sigsetText);

export function sigsetText(bytes: Uint8Array): string {
  return signalSetText(viewOf(bytes).getBigUint64(0, true));
}

/** struct sigaction as the kernel has it. */
const SIGACTION_BYTES = 32;
export const inSigaction = inStruct(SIGACTION_BYTES, sigactionText);
export const outSigaction = outStruct(SIGACTION_BYTES, sigactionText);

function sigactionText(bytes: Uint8Array): string {
  const [handler, flags, restorer] = [0, 8, 16].map((at) => viewOf(bytes).getBigUint64(at, true));
  const names = wideFlagParts(flags, SA_NAMES);
  const parts = [
    `sa_handler=${handler === SIG_DFL ? 'SIG_DFL' : handler === SIG_IGN ? 'SIG_IGN' : pointer(handler)}`,
    `sa_mask=${sigsetText(bytes.subarray(24))}`,
    `sa_flags=${names.length === 0 ? '0' : names.join('|')}`,
  ];
  if (flags & SA_RESTORER) parts.push(`sa_restorer=${pointer(restorer)}`);
  return `{${parts.join(', ')}}`;
}

export const inSiginfo = inStruct(SIGINFO_BYTES, siginfoText);
/** Filled when a signal was taken. */
export const outSiginfo = outStruct(SIGINFO_BYTES, siginfoText);
/** As waitid(2) fills it. */
export const outWaitSiginfo = output((address, call) => filled(address, call, SIGINFO_BYTES, siginfoText));

const FAULTS = [SIGILL, SIGFPE, SIGSEGV, SIGBUS, SIGTRAP];

/** `{si_signo=SIGSEGV, si_code=SEGV_MAPERR, si_addr=NULL}`. */
export function siginfoText(bytes: Uint8Array): string {
  const view = viewOf(bytes);
  const signal = view.getInt32(0, true);
  if (signal === 0) return '{}';
  const [errno, code] = [view.getInt32(4, true), view.getInt32(8, true)];
  const parts = [`si_signo=${signalName(signal)}`, `si_code=${signalCodeName(signal, code)}`];
  if (errno !== 0) parts.push(`si_errno=${errno}`);
  const source = [`si_pid=${view.getInt32(16, true)}`, `si_uid=${view.getUint32(20, true)}`];
  const value = view.getBigUint64(24, true);
  const values = [`si_int=${view.getInt32(24, true)}`, `si_ptr=${pointer(value)}`];
  if (code === SI_USER || code === SI_TKILL) parts.push(...source);
  else if (code === SI_TIMER)
    parts.push(`si_timerid=${zeroOrHex(view.getUint32(16, true))}`, `si_overrun=${view.getInt32(20, true)}`, ...values);
  else if (code < 0) parts.push(...source, ...(value === 0n ? [] : values));
  else if (signal === SIGCHLD) {
    const status = view.getInt32(24, true);
    parts.push(...source, `si_status=${code === CLD_EXITED ? status : signalName(status)}`);
    parts.push(`si_utime=${ticks(view.getBigInt64(32, true))}`, `si_stime=${ticks(view.getBigInt64(40, true))}`);
  } else if (FAULTS.includes(signal)) parts.push(`si_addr=${pointer(view.getBigUint64(16, true))}`);
  else if (signal === SIGIO) parts.push(`si_band=${view.getBigInt64(16, true)}`);
  else {
    if (view.getBigUint64(16, true) !== 0n) parts.push(...source);
    if (value !== 0n) parts.push(...values);
  }
  return `{${parts.join(', ')}}`;
}

const ticks = (count: bigint): string => (count === 0n ? '0' : `${count} /* ${(Number(count) / 100).toFixed(2).replace(/0$/, '')} s */`); // biome-ignore format: one line

const STACK_FLAGS = { SS_ONSTACK: 1, SS_DISABLE: 2, SS_AUTODISARM: 0x8000_0000 } as const;
const stackText = (bytes: Uint8Array): string => {
  const flags = flagParts(viewOf(bytes).getUint32(8, true), STACK_FLAGS);
  const [base, size] = [0, 16].map((at) => viewOf(bytes).getBigUint64(at, true));
  return `{ss_sp=${pointer(base)}, ss_flags=${flags.length === 0 ? '0' : flags.join('|')}, ss_size=${size}}`;
};
export const inAltStack = inStruct(24, stackText);
export const outAltStack = outStruct(24, stackText);

/** RSP, where rt_sigreturn(2) finds what to go back to: the mask is 304 bytes into the frame, which began a word below. */
export const signalFrame: ArgKind<bigint> = {
  decode: 'stack',
  filled: false,
  print(address, { peek }) {
    const bytes = peek(address + 296n, SIGSET_BYTES);
    return bytes === undefined ? pointer(address) : `{mask=${sigsetText(bytes)}}`;
  },
};
