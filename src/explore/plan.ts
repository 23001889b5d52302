/** What is told of the program that a campaign runs: plain data, the same for every run; and the running. */
import type { ElfImage } from '../elf/image.ts';
import { Machine, type MachineOptions, type ProgramOptions, type RunLimits } from '../machine/machine.ts';
import { SpareMemory } from '../mem/frames.ts';
import { Campaign, type CampaignJson } from './campaign.ts';
import { type Comparison, outcomeOf, type RunOutcome } from './outcome.ts';
import { expand, type Progression } from './seed-set.ts';

export interface RunPlan {
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly machine: Pick<MachineOptions, 'memory' | 'quantum' | 'cpu' | 'files'> & { readonly stdin: Uint8Array };
  readonly program: ProgramOptions;
  readonly limits: RunLimits;
  readonly comparison: Comparison;
}

/** A part's subject is known to who asked for it. */
export const NO_SUBJECT = { program: '', args: [], digest: '', options: [], comparison: 'all' } as const;

const SPARE = new SpareMemory();

/** Runs the program under one seed's schedule. */
export async function runSeed(
  plan: RunPlan,
  image: ElfImage,
  seed: number,
): Promise<{ outcome: RunOutcome; instructions: number }> {
  const machine = new Machine({ ...plan.machine, spare: SPARE, seed, recordSyscalls: false, recordFrames: false });
  await machine.load(image, plan.path, plan.program);
  const result = await machine.run(plan.limits);
  machine.dispose();
  return { outcome: await outcomeOf(result, plan.comparison), instructions: result.instructions };
}

/** Some of a campaign's seeds, as a part of it. */
export async function runPart(plan: RunPlan, image: ElfImage, seeds: Progression): Promise<CampaignJson> {
  const part = new Campaign(NO_SUBJECT);
  for (const seed of expand([seeds])) {
    const { outcome, instructions } = await runSeed(plan, image, seed);
    part.add(seed, outcome, instructions);
  }
  return part.toJSON();
}
