/** A campaign of the open program over several workers: seeds from 1 on, in portions, until all are done or it is stopped. */
import { batch, type Signal, signal } from '@preact/signals';
import { type Remote, wrap } from 'comlink';
import { Campaign, type OutcomeCount } from '../../../explore/campaign.ts';
import { NO_SUBJECT, type RunPlan } from '../../../explore/plan.ts';
import type { Progression } from '../../../explore/seed-set.ts';
import type { ProgramSpec } from '../../protocol.ts';
import type { Explorer } from '../../worker/explore.ts';

/** Of one run: more is an outcome like another, "no end". */
const MOST_INSTRUCTIONS = 1_000_000_000;
const MOST_SECONDS = 20;
const MOST_WORKERS = 4;
/** A worker gets as many seeds at a time as take about so long. */
const PORTION_MS = 150;

/** What each run is told; also who opens a seed afterwards needs it. */
export const limits = { maxInstructions: MOST_INSTRUCTIONS, timeout: MOST_SECONDS } as const;

export class Exploration {
  readonly runs: Signal<number> = signal(0);
  readonly outcomes: Signal<readonly OutcomeCount[]> = signal([]);
  readonly state: Signal<'ready' | 'running' | 'done' | 'stopped'> = signal('ready');
  readonly message: Signal<string | undefined> = signal(undefined);
  readonly spec: ProgramSpec;
  private _campaign = new Campaign(NO_SUBJECT);
  private _next = 1;
  private _last = 0;
  private _workers: Worker[] = [];

  constructor(spec: ProgramSpec) {
    this.spec = spec;
  }

  /** Seeds 1 to `count`. */
  async start(count: number): Promise<void> {
    this._end();
    this._campaign = new Campaign(NO_SUBJECT);
    this._next = 1;
    this._last = count;
    batch(() => {
      this.state.value = 'running';
      this.message.value = undefined;
    });
    this._show();
    const size = Math.min(MOST_WORKERS, Math.max(1, navigator.hardwareConcurrency ?? 1), count);
    const workers = Array.from(
      { length: size },
      () => new Worker(new URL('../../worker/explore.ts', import.meta.url), { type: 'module' }),
    );
    this._workers = workers;
    try {
      await Promise.all(workers.map((worker) => this._serve(worker, wrap<Explorer>(worker))));
      if (this._workers === workers) this.state.value = 'done';
    } catch (error) {
      if (this._workers === workers)
        batch(() => {
          this.state.value = 'stopped';
          this.message.value = error instanceof Error ? error.message : String(error);
        });
    } finally {
      for (const worker of workers) worker.terminate();
    }
  }

  stop(): void {
    if (this.state.value !== 'running') return;
    this._end();
    this.state.value = 'stopped';
  }

  /** Who closes the dialog. */
  dispose(): void {
    this._end();
  }

  private _end(): void {
    for (const worker of this._workers) worker.terminate();
    this._workers = [];
  }

  private async _serve(worker: Worker, explorer: Remote<Explorer>): Promise<void> {
    await explorer.open(planOf(this.spec));
    for (let count = 1; this._workers.includes(worker); ) {
      const seeds = this._take(count);
      if (seeds === undefined) return;
      const started = performance.now();
      const part = await explorer.run(seeds);
      if (!this._workers.includes(worker)) return;
      this._campaign.merge(part);
      this._show();
      const took = performance.now() - started;
      count = Math.max(1, Math.min(count * 2, Math.round((count * PORTION_MS) / Math.max(took, 1))));
    }
  }

  private _take(count: number): Progression | undefined {
    if (this._next > this._last) return undefined;
    const first = this._next;
    const last = Math.min(first + count - 1, this._last);
    this._next = last + 1;
    return { first, last, step: 1 };
  }

  private _show(): void {
    batch(() => {
      this.runs.value = this._campaign.runs;
      this.outcomes.value = this._campaign.outcomes();
    });
  }
}

function planOf({ path, program, args, env, files, stdin, quantum }: ProgramSpec): RunPlan {
  return {
    path,
    bytes: program,
    machine: { quantum, files, stdin: new TextEncoder().encode(stdin ?? '') },
    program: { args, env },
    limits,
    comparison: 'all',
  };
}
