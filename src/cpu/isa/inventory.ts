/** Every encoding with its support, by CPUID feature: what `pml4 info --isa` prints and README's table is made of. */
import type { InstructionDef } from './define.ts';
import { FEATURES, type Feature, featureOf } from './features.ts';
import { allRecords } from './index.ts';
import { MISSING } from './missing.ts';

export type Support = 'implemented' | 'privileged' | 'missing';

export interface EncodingEntry {
  readonly feature: Feature;
  readonly mnemonic: string;
  /** As in the SDM's opcode and operand columns; isa/encoding.ts explains the notation. */
  readonly opcode: string;
  readonly operands: string;
  readonly support: Support;
  /** Why it is missing, or what of it is. */
  readonly note?: string;
}

export interface FeatureSummary {
  readonly feature: Feature;
  readonly known: number;
  readonly implemented: number;
  readonly privileged: number;
  readonly missing: number;
}

function* entriesOf(def: InstructionDef, isMissing: boolean): Generator<EncodingEntry> {
  const { mnemonic } = def;
  const support = isMissing ? 'missing' : def.privileged ? 'privileged' : 'implemented';
  const note = def.support && { note: def.support.missing };
  for (const [index, [opcode, operands]] of def.encodings.entries())
    yield { feature: featureOf(def, index), mnemonic, opcode, operands, support, ...note };
}

/** In order of features, and of records. */
export function listEncodings(): EncodingEntry[] {
  const entries = [
    ...allRecords().flatMap((def) => [...entriesOf(def, false)]),
    ...MISSING.flatMap((def) => [...entriesOf(def, true)]),
  ];
  return FEATURES.flatMap((feature) => entries.filter((entry) => entry.feature === feature));
}

/** Of the features there is something of. */
export function summarize(entries: readonly EncodingEntry[]): FeatureSummary[] {
  return FEATURES.flatMap((feature) => {
    const of = entries.filter((entry) => entry.feature === feature);
    const count = (support: Support) => of.filter((entry) => entry.support === support).length;
    if (of.length === 0) return [];
    return [{
      feature, known: of.length, implemented: count('implemented'), privileged: count('privileged'), missing: count('missing'),
    }]; // biome-ignore format: one object
  });
}
