/**
 * The instructions that set up a function's frame: what gdb looks at on x86-64 before it decides where `break FUNCTION`
 * stops. `push rbp; mov rbp, rsp`, after ENDBR64 where there is one.
 */

const ENDBR64 = [0xf3, 0x0f, 0x1e, 0xfa];
const PUSH_RBP = 0x55;
/** `mov rbp, rsp` in both of its encodings, and their 32-bit forms. */
const MOVES = [[0x48, 0x89, 0xe5], [0x48, 0x8b, 0xec], [0x89, 0xe5], [0x8b, 0xec]]; // biome-ignore format: a list

/** Bytes of the prologue that some code begins with; 0 if it has none. */
export function prologueBytes(code: Uint8Array): number {
  const startsAt = (at: number, bytes: readonly number[]): boolean => bytes.every((byte, i) => code[at + i] === byte);
  let at = startsAt(0, ENDBR64) ? ENDBR64.length : 0;
  if (code[at] !== PUSH_RBP) return 0;
  at++;
  const move = MOVES.find((bytes) => startsAt(at, bytes));
  return move === undefined ? 0 : at + move.length;
}
