/** What each bit of RFLAGS means, in plain words. Intel SDM Vol. 1, "EFLAGS Register". Lowest bit first. */
import type { FlagName } from '../../../debug/inspect/registers.ts';

export interface FlagRecord {
  readonly name: FlagName;
  readonly bit: number;
  readonly title: string;
  /** What sets it, and who looks at it. */
  readonly help: string;
  /** What it says of the last result when it is set, and when it is clear. */
  readonly set: string;
  readonly clear: string;
  /** Shown also when it is clear. */
  readonly isCommon: boolean;
}

const flag = (
  name: FlagName,
  bit: number,
  title: string,
  help: string,
  set: string,
  clear: string,
  isCommon = false,
): FlagRecord => ({ name, bit, title, help, set, clear, isCommon });

export const FLAGS: readonly FlagRecord[] = [
  flag('CF', 0, 'Carry', 'Arithmetic sets it when an unsigned result does not fit: a carry out of an addition, a borrow of a subtraction. Shifts put the last bit here. JB, JAE, ADC and SBB look at it.', 'the unsigned result did not fit', 'the unsigned result fitted', true),
  flag('PF', 2, 'Parity', 'Set when the lowest byte of the result has an even number of one bits; floating-point comparisons set it for NaN.', 'the low byte has an even number of ones', 'the low byte has an odd number of ones', true),
  flag('AF', 4, 'Auxiliary carry', 'A carry or borrow between bits 3 and 4: for decimal arithmetic, which 64-bit programs do not have.', 'a carry out of bit 3', 'no carry out of bit 3', true),
  flag('ZF', 6, 'Zero', 'Set when the result is zero; CMP sets it when both are equal. JE, JNE, SETE and CMOVE look at it.', 'the result was zero: equal', 'the result was not zero: not equal', true),
  flag('SF', 7, 'Sign', 'The highest bit of the result: set when it is negative as a signed number.', 'the result was negative', 'the result was not negative', true),
  flag('TF', 8, 'Trap', 'The processor stops after each instruction with a debug exception.', 'single steps', 'no single steps'),
  flag('IF', 9, 'Interrupts enabled', 'The processor takes interrupts from devices. User programs cannot change it.', 'interrupts are taken', 'interrupts wait', true),
  flag('DF', 10, 'Direction', 'STD sets it, CLD clears it: which way MOVS, STOS and the other string instructions go.', 'string instructions go down', 'string instructions go up', true),
  flag('OF', 11, 'Overflow', 'Arithmetic sets it when a signed result does not fit. JO, JL and JG look at it.', 'the signed result did not fit', 'the signed result fitted', true),
  flag('NT', 14, 'Nested task', 'For task switches of 32-bit systems.', 'set', 'clear'),
  flag('RF', 16, 'Resume', 'Breakpoints of the debug registers are passed over for one instruction.', 'set', 'clear'),
  flag('VM', 17, 'Virtual-8086 mode', 'Of 32-bit systems.', 'set', 'clear'),
  flag('AC', 18, 'Alignment check', 'Accesses that are not aligned raise an exception, if the system allows it.', 'unaligned accesses are told', 'unaligned accesses pass'),
  flag('VIF', 19, 'Virtual interrupts enabled', 'For virtual-8086 mode.', 'set', 'clear'),
  flag('VIP', 20, 'Virtual interrupt pending', 'For virtual-8086 mode.', 'set', 'clear'),
  flag('ID', 21, 'CPUID can be used', 'A program that can change it knows that the processor has CPUID.', 'set', 'clear'),
]; // biome-ignore format: a table
