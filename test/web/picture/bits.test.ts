/** Names of bits in one order, as every view of the machine has them; and what each says. */
import { expect, test } from 'vitest';
import { describePteFlags, PTE_COW, PTE_D, PTE_NX, PTE_P, PTE_RW, PTE_US } from '../../../src/mem/pte.ts';
import { BITS, describeBit, describeEntry, flagsOf } from '../../../src/web/app/picture/bits.ts';

test('the vocabulary is that of the terminal and of explain', () => {
  expect(BITS.map(({ name }) => name).join(' ')).toBe('P RW US A D NX COW');
  for (const entry of [PTE_P | PTE_US | PTE_D | PTE_NX | PTE_COW, PTE_P | PTE_RW | PTE_US, 0n])
    expect(flagsOf(entry)).toBe(describePteFlags(entry));
});

test('bits stand where their positions say', () => {
  for (const { mask, position } of BITS) expect(mask).toBe(1n << BigInt(position));
});

test.each([
  [PTE_P | PTE_COW, 'COW', 'PT', /^COW, .* is set: a write is to be answered with a private copy/],
  [PTE_P, 'RW', 'PT', /^RW, read\/write \(bit 1\) is clear: a write is a page fault$/],
  [PTE_P, 'D', 'PD', /ignored/],
] as const)('%s: %s of a %s entry', (entry, name, level, expected) =>
  expect(describeBit(BITS.find((bit) => bit.name === name)!, entry, level)).toMatch(expected),
);

test('an entry in words', () => {
  expect(describeEntry('PT', 510, 0x1a067n)).toBe('PT entry 510 leads to frame 0x0001a000: P RW US A D');
  expect(describeEntry('PD', 3, 0n)).toBe('PD entry 3 is empty');
});
