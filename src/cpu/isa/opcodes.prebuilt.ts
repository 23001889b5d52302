/**
 * Where in the opcode maps each encoding lies. With it at hand, a bundle evaluates a family of instructions only when
 * it meets one of them, and parses only the encodings it meets.
 */
import { invariant } from '../../base/invariant.ts';
import { parseOpening, SPACES } from './encoding.ts';
import { FAMILY_COUNT, recordsOf } from './index.ts';

/** An encoding as a number: its family, the record in it, the encoding in that. */
export const FAMILY_SHIFT = 16, RECORD_SHIFT = 7; // biome-ignore format: one line
const MAX_RECORDS = 1 << (FAMILY_SHIFT - RECORD_SHIFT), MAX_ENCODINGS = 1 << RECORD_SHIFT; // biome-ignore format: one line

/** For each opcode map and opcode in it the numbers of its encodings; opcodes are parted by blanks, numbers by commas. */
export const ENCODINGS_AT: string = listOpcodes();

function listOpcodes(): string {
  const lists: number[][] = Array.from({ length: SPACES * 256 }, () => []);
  for (let family = 0; family < FAMILY_COUNT; family++)
    for (const [record, { mnemonic, encodings }] of recordsOf(family).entries())
      for (const [index, [opcode]] of encodings.entries()) {
        invariant(record < MAX_RECORDS && index < MAX_ENCODINGS, `${mnemonic} has no room in its family`);
        const opening = parseOpening(opcode);
        for (let i = 0; i < opening.opcodes; i++)
          lists[opening.space * 256 + opening.opcode + i].push(
            (family << FAMILY_SHIFT) | (record << RECORD_SHIFT) | index,
          );
      }
  return lists.map((list) => list.join()).join(' ');
}
