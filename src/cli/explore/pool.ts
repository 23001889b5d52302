/**
 * Worker threads that share out the seeds of a campaign. Plain node:worker_threads: a thread keeps the program and what
 * it has compiled between its runs and asks for more when it is done, which is all that a pool has to do here; the
 * packages that offer pools start their threads from a file of their own, which a bundle of one file does not have.
 */
import { realpathSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { UsageError } from '../../base/invariant.ts';
import type { CampaignJson } from '../../explore/campaign.ts';
import type { RunPlan } from '../../explore/plan.ts';
import { type Progression, sizeOf } from '../../explore/seed-set.ts';
import type { WorkerAnswer } from './worker.ts';

/** A thread gets as many seeds at a time as take about so long: short enough for Ctrl-C, long enough to be worth a message. */
const CHUNK_MS = 100;

export interface PoolOptions {
  readonly plan: RunPlan;
  readonly seeds: Progression;
  readonly jobs: number;
  readonly onPart: (part: CampaignJson) => void;
  readonly signal: AbortSignal;
}

/** Runs all seeds, or until the signal; what a thread had not reported by then is lost. Fails as the first thread does. */
export async function runSeeds({ plan, seeds, jobs, onPart, signal }: PoolOptions): Promise<void> {
  let next = seeds.first;
  const take = (count: number): Progression | undefined => {
    if (next > seeds.last || signal.aborted) return undefined;
    const last = Math.min(next + (count - 1) * seeds.step, seeds.last);
    const taken = { first: next, last, step: seeds.step };
    next = last + seeds.step;
    return taken;
  };
  const workers = Array.from({ length: Math.min(jobs, sizeOf(seeds)) }, () => startWorker(plan));
  const stop = () => Promise.all(workers.map((worker) => worker.terminate()));
  signal.addEventListener('abort', stop);
  try {
    await Promise.all(workers.map((worker) => serve(worker, take, onPart, signal)));
  } finally {
    signal.removeEventListener('abort', stop);
    await stop();
  }
}

/** The command itself, in a thread: there it goes to cli/explore/worker.ts. */
const startWorker = (plan: RunPlan): Worker =>
  new Worker(realpathSync(process.argv[1]), { argv: ['explore-worker'], workerData: plan });

/** Keeps one thread busy until there is nothing left. */
function serve(
  worker: Worker,
  take: (count: number) => Progression | undefined,
  onPart: (part: CampaignJson) => void,
  signal: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    let count = 1;
    let sent = 0;
    const sendNext = (): void => {
      const seeds = take(count);
      if (seeds === undefined) return resolve();
      sent = performance.now();
      worker.postMessage(seeds);
    };
    worker.on('message', (answer: WorkerAnswer) => {
      if (answer.kind === 'failed') {
        reject(answer.status === undefined ? new Error(answer.message) : new UsageError(answer.message, answer.status));
        return;
      }
      onPart(answer.part);
      const took = performance.now() - sent;
      count = Math.max(1, Math.min(count * 2, Math.round((count * CHUNK_MS) / Math.max(took, 1))));
      sendNext();
    });
    worker.on('error', reject);
    worker.on('exit', () => (signal.aborted ? resolve() : reject(new Error('a thread of explore has ended'))));
    sendNext();
  });
}
