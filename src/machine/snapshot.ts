/**
 * A machine at one moment, and the way back to it. The kernel's objects are put back in place (object-graph.ts), so a Task
 * or a Vma is the same object before and after; frames that have not changed are shared between snapshots. What comes from
 * outside and what has gone there are not part of it: who goes back has to give the same input again.
 */
import type { Cpu, CpuRecord } from '../cpu/run.ts';
import { OfTheHost } from '../host/host.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { FrameImages, Frames } from '../mem/frames.ts';
import { type GraphRecord, ObjectGraph } from './object-graph.ts';

export interface Snapshot {
  readonly cpu: CpuRecord;
  readonly frames: FrameImages;
  readonly graph: GraphRecord;
}

export interface SnapshotOptions {
  readonly frames: Frames;
  readonly cpu: Cpu;
  readonly kernel: Kernel;
  /** Other objects whose fields belong to the moment. */
  readonly alsoRecorded?: readonly object[];
  /** The outside, observers, and whoever else is not to go back. */
  readonly notRecorded: ReadonlySet<object>;
}

export class Snapshots {
  private readonly _options: SnapshotOptions;
  private readonly _graph: ObjectGraph;
  /** The latest: the next one shares with it. */
  private _last: Snapshot | undefined;

  constructor(options: SnapshotOptions) {
    const { frames, cpu, kernel, alsoRecorded = [], notRecorded } = options;
    const outside = new Set<object>([cpu, kernel.host, frames.memory, ...notRecorded]);
    this._options = options;
    this._graph = new ObjectGraph([kernel, ...alsoRecorded], {
      isBoundary: (value) => value instanceof OfTheHost || outside.has(value),
      foreignBuffer: () => frames.memory.buffer,
    });
  }

  take(): Snapshot {
    const { frames, cpu } = this._options;
    this._last = {
      cpu: cpu.record(),
      frames: frames.record(this._last?.frames),
      graph: this._graph.record(this._last?.graph),
    };
    return this._last;
  }

  /** The machine must stand still, and nobody await anything of it. */
  restore(snapshot: Snapshot): void {
    const { frames, cpu, kernel } = this._options;
    frames.restore(snapshot.frames);
    this._graph.restore(snapshot.graph);
    const pageTables = kernel.pageTables();
    cpu.restore(snapshot.cpu, (cr3) => pageTables.has(cr3));
    this._last = snapshot;
  }
}
