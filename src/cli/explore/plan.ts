/** What a worker thread is told of the program that it runs: plain data, the same for every run of a campaign. */
import type { ElfImage } from '../../elf/image.ts';
import { type Comparison, outcomeOf, type RunOutcome } from '../../explore/outcome.ts';
import { Machine, type MachineOptions, type ProgramOptions, type RunLimits } from '../../machine/machine.ts';
import { SpareMemory } from '../../mem/frames.ts';

export interface RunPlan {
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly machine: Pick<MachineOptions, 'memory' | 'quantum' | 'cpu'> & { readonly stdin: Uint8Array };
  readonly program: ProgramOptions;
  readonly limits: RunLimits;
  readonly comparison: Comparison;
}

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
