/**
 * Settings of a terminal as x86-64 lays them out: termios(3), asm-generic/termbits.h. `c_line` and the control
 * characters follow the four words of flags; struct termios2 adds the two speeds.
 */

/** Indexes of control characters. */
export const VINTR = 0;
export const VQUIT = 1;
export const VERASE = 2;
export const VKILL = 3;
export const VEOF = 4;
export const VTIME = 5;
export const VMIN = 6;
export const VSTART = 8;
export const VSTOP = 9;
export const VSUSP = 10;
export const VEOL = 11;
export const VREPRINT = 12;
export const VWERASE = 14;
export const VLNEXT = 15;
export const VEOL2 = 16;
export const NCCS = 19;

/** c_iflag */
export const IGNBRK = 0o1;
export const BRKINT = 0o2;
export const PARMRK = 0o10;
export const ISTRIP = 0o40;
export const INLCR = 0o100;
export const IGNCR = 0o200;
export const ICRNL = 0o400;
export const IUCLC = 0o1000;
export const IXON = 0o2000;
export const IXANY = 0o4000;
export const IXOFF = 0o10000;
export const IMAXBEL = 0o20000;
export const IUTF8 = 0o40000;

/** c_oflag */
export const OPOST = 0o1;
export const OLCUC = 0o2;
export const ONLCR = 0o4;
export const OCRNL = 0o10;
export const ONOCR = 0o20;
export const ONLRET = 0o40;
export const XTABS = 0o14000;

/** c_cflag */
export const CBAUD = 0o10017;
export const B38400 = 0o17;
export const BOTHER = 0o10000;
export const CSIZE = 0o60;
export const CS8 = 0o60;
export const CREAD = 0o200;
export const PARENB = 0o400;
export const CLOCAL = 0o4000;
/** Where the input speed is in c_cflag: IBSHIFT. */
const INPUT_BAUD_SHIFT = 16;

/** c_lflag */
export const ISIG = 0o1;
export const ICANON = 0o2;
export const ECHO = 0o10;
export const ECHOE = 0o20;
export const ECHOK = 0o40;
export const ECHONL = 0o100;
export const NOFLSH = 0o200;
export const TOSTOP = 0o400;
export const ECHOCTL = 0o1000;
export const ECHOPRT = 0o2000;
export const ECHOKE = 0o4000;
export const IEXTEN = 0o100000;
export const EXTPROC = 0o200000;

/** struct termios of the kernel, and struct termios2. */
export const TERMIOS_BYTES = 36;
export const TERMIOS2_BYTES = 44;
const LINE = 16;
const CHARACTERS = 17;

export interface Termios {
  readonly iflag: number;
  readonly oflag: number;
  readonly cflag: number;
  readonly lflag: number;
  /** The line discipline's number. */
  readonly line: number;
  /** NCCS of them; 0 is none. */
  readonly cc: Uint8Array;
  /** Bits a second. */
  readonly inputSpeed: number;
  readonly outputSpeed: number;
}

/** What a terminal starts with: tty_std_termios. */
export const INITIAL_TERMIOS: Termios = {
  iflag: ICRNL | IXON,
  oflag: OPOST | ONLCR,
  cflag: B38400 | CS8 | CREAD,
  lflag: ISIG | ICANON | ECHO | ECHOE | ECHOK | ECHOCTL | ECHOKE | IEXTEN,
  line: 0,
  // INIT_C_CC: ^C ^\ DEL ^U ^D, VTIME 0, VMIN 1, ^Q ^S ^Z, ^R ^O ^W ^V.
  cc: Uint8Array.of(3, 28, 127, 21, 4, 0, 1, 0, 17, 19, 26, 0, 18, 15, 23, 22, 0, 0, 0),
  inputSpeed: 38400,
  outputSpeed: 38400,
};

/** By the low four bits of CBAUD, without and with CBAUDEX. */
const SPEEDS = [0, 50, 75, 110, 134, 150, 200, 300, 600, 1200, 1800, 2400, 4800, 9600, 19200, 38400];
const HIGH_SPEEDS = [
  0, 57600, 115200, 230400, 460800, 500000, 576000, 921600, 1000000, 1152000, 1500000, 2000000, 2500000, 3000000, 3500000, 4000000,
]; // biome-ignore format: a list

/** tty_termios_baud_rate: what a field of CBAUD stands for; BOTHER is what the struct says. */
function speedOf(field: number, other: number): number {
  if (field === BOTHER) return other;
  return (field & BOTHER ? HIGH_SPEEDS : SPEEDS)[field & 0o17];
}

/** `base` gives what a struct without speeds does not say. */
export function readTermios(bytes: Uint8Array, base: Termios): Termios {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const u32 = (at: number) => view.getUint32(at, true);
  const cflag = u32(8);
  const has2 = bytes.length >= TERMIOS2_BYTES;
  const outputSpeed = speedOf(cflag & CBAUD, has2 ? u32(40) : base.outputSpeed);
  const input = (cflag >>> INPUT_BAUD_SHIFT) & CBAUD;
  return {
    iflag: u32(0),
    oflag: u32(4),
    cflag,
    lflag: u32(12),
    line: bytes[LINE],
    cc: bytes.slice(CHARACTERS, CHARACTERS + NCCS),
    inputSpeed: input === 0 ? outputSpeed : speedOf(input, has2 ? u32(36) : base.inputSpeed),
    outputSpeed,
  };
}

/** struct termio, of System V: the low halves of the flags, and eight control characters. */
export const TERMIO_BYTES = 18;
const TERMIO_CHARACTERS = 9;
const TERMIO_NCC = 8;

export function readTermio(bytes: Uint8Array, base: Termios): Termios {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const word = (at: number, before: number) => ((before & 0xffff_0000) | view.getUint16(at, true)) >>> 0;
  const cc = base.cc.slice();
  cc.set(bytes.subarray(TERMIO_CHARACTERS, TERMIO_CHARACTERS + TERMIO_NCC));
  const cflag = word(4, base.cflag);
  const outputSpeed = speedOf(cflag & CBAUD, base.outputSpeed);
  return {
    iflag: word(0, base.iflag),
    oflag: word(2, base.oflag),
    cflag,
    lflag: word(6, base.lflag),
    line: bytes[8],
    cc,
    inputSpeed: outputSpeed,
    outputSpeed,
  };
}

export function termioBytes({ iflag, oflag, cflag, lflag, line, cc }: Termios): Uint8Array {
  const bytes = new Uint8Array(TERMIO_BYTES);
  const view = new DataView(bytes.buffer);
  for (const [i, word] of [iflag, oflag, cflag, lflag].entries()) view.setUint16(2 * i, word & 0xffff, true);
  bytes[8] = line;
  bytes.set(cc.subarray(0, TERMIO_NCC), TERMIO_CHARACTERS);
  return bytes;
}

/** As struct termios, or as struct termios2. */
export function termiosBytes(termios: Termios, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  const view = new DataView(bytes.buffer);
  for (const [i, word] of [termios.iflag, termios.oflag, termios.cflag, termios.lflag].entries())
    view.setUint32(4 * i, word, true);
  bytes[LINE] = termios.line;
  bytes.set(termios.cc, CHARACTERS);
  if (length >= TERMIOS2_BYTES) {
    view.setUint32(36, termios.inputSpeed, true);
    view.setUint32(40, termios.outputSpeed, true);
  }
  return bytes;
}
