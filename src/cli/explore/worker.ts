/** A thread of `pml4 explore`: runs the seeds it is sent and answers with what they came to. */
import { parentPort, workerData } from 'node:worker_threads';
import { invariant, UsageError } from '../../base/invariant.ts';
import { ElfError, parseElf } from '../../elf/image.ts';
import type { CampaignJson } from '../../explore/campaign.ts';
import { type RunPlan, runPart } from '../../explore/plan.ts';
import type { Progression } from '../../explore/seed-set.ts';

/** The answer to a Progression of seeds. */
export type WorkerAnswer =
  | { readonly kind: 'done'; readonly part: CampaignJson }
  | { readonly kind: 'failed'; readonly message: string; readonly status: number | undefined };

export async function work(): Promise<number> {
  invariant(parentPort !== null, 'explore-worker is for threads of explore');
  const plan = workerData as RunPlan;
  const image = await parseElf(plan.bytes);
  invariant(!(image instanceof ElfError), 'the program has been checked');
  const port = parentPort;
  port.on('message', async (seeds: Progression) => {
    try {
      port.postMessage({ kind: 'done', part: await runPart(plan, image, seeds) } satisfies WorkerAnswer);
    } catch (error) {
      const status = error instanceof UsageError ? error.status : undefined;
      const message = error instanceof Error ? (status === undefined ? (error.stack ?? error.message) : error.message) : String(error); // biome-ignore format: one line
      port.postMessage({ kind: 'failed', message, status } satisfies WorkerAnswer);
    }
  });
  return 0;
}
