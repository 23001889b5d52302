/** The page's end of the assembler: whether there is one, its worker, and one source after the other through it. */
import { proxy, type Remote, wrap } from 'comlink';
import type { AssembleRequest, AssembleResult } from '../../model/assembler.ts';
import { type AssemblerPack, MANIFEST, type NoAssembler } from '../../model/assembler-pack.ts';
import type { AssemblerProgress, AssemblerService } from '../../worker/assembler.ts';

/** A worker that does not stop when it is told to is ended. */
const STUBBORN_MS = 3000;

export class Toolchain {
  private _pack: Promise<AssemblerPack | NoAssembler> | undefined;
  private _worker: Worker | undefined;
  private _service: Remote<AssemblerService> | undefined;
  /** Ends what is waited for, in the place of the worker. */
  private _giveUp: (() => void) | undefined;
  private _fail: ((error: Error) => void) | undefined;

  /** What there is, without loading it. */
  describe(): Promise<AssemblerPack | NoAssembler> {
    return (this._pack ??= fetchPack());
  }

  /** Fails if there is no assembler, or it cannot be loaded. */
  async assemble(request: AssembleRequest, onProgress: (progress: AssemblerProgress) => void): Promise<AssembleResult> {
    const pack = await this.describe();
    if ('missing' in pack) throw new Error(pack.missing);
    const service = this._connect();
    // What it tells comes by another way than its answer, and may come later.
    let isOver = false;
    const heard = proxy((progress: AssemblerProgress) => {
      if (!isOver) onProgress(progress);
    });
    // A worker that is ended, or cannot even start, answers nothing.
    const ended = new Promise<AssembleResult>((resolve, reject) => {
      this._giveUp = () => resolve({ kind: 'stopped' });
      this._fail = reject;
    });
    const work = async (): Promise<AssembleResult> => {
      await service.load(pack, DIRECTORY().href, heard);
      return await service.assemble(request, heard);
    };
    try {
      return await Promise.race([work(), ended]);
    } finally {
      isOver = true;
    }
  }

  /** What is being assembled ends as `stopped`. */
  stop(): void {
    const { _worker: worker, _giveUp: giveUp } = this;
    let hasAnswered = false;
    void this._service?.stop().then(() => {
      hasAnswered = true;
    });
    setTimeout(() => {
      if (hasAnswered || this._worker !== worker) return;
      this._end();
      giveUp?.();
    }, STUBBORN_MS);
  }

  private _connect(): Remote<AssemblerService> {
    if (this._service === undefined) {
      const worker = new Worker(new URL('../../worker/assembler.ts', import.meta.url), { type: 'module' });
      worker.addEventListener('error', ({ message }) => {
        this._end();
        this._fail?.(new Error(`the assembler's worker has failed: ${message || 'it cannot be loaded'}`));
      });
      this._worker = worker;
      this._service = wrap<AssemblerService>(worker);
    }
    return this._service;
  }

  private _end(): void {
    this._worker?.terminate();
    this._worker = this._service = undefined;
  }
}

const DIRECTORY = (): URL => new URL('assembler/', document.baseURI);

async function fetchPack(): Promise<AssemblerPack | NoAssembler> {
  try {
    const response = await fetch(new URL(MANIFEST, DIRECTORY()));
    if (!response.ok) return { missing: `assembler/${MANIFEST}: ${response.status} ${response.statusText}` };
    return (await response.json()) as AssemblerPack | NoAssembler;
  } catch {
    return { missing: 'its files cannot be loaded from where the page is' };
  }
}
