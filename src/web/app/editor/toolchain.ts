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
  private _giveUp: (() => void) | undefined;

  /** What there is, without loading it. */
  describe(): Promise<AssemblerPack | NoAssembler> {
    return (this._pack ??= fetchPack());
  }

  /** Fails if there is no assembler, or it cannot be loaded. */
  async assemble(request: AssembleRequest, onProgress: (progress: AssemblerProgress) => void): Promise<AssembleResult> {
    const pack = await this.describe();
    if ('missing' in pack) throw new Error(pack.missing);
    const service = this._connect();
    const heard = proxy(onProgress);
    const ended = new Promise<AssembleResult>((resolve) => {
      this._giveUp = () => resolve({ kind: 'stopped' });
    });
    const work = async (): Promise<AssembleResult> => {
      await service.load(pack, DIRECTORY().href, heard);
      return await service.assemble(request, heard);
    };
    return await Promise.race([work(), ended, this._failure()]);
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
      worker?.terminate();
      this._worker = this._service = undefined;
      giveUp?.();
    }, STUBBORN_MS);
  }

  private _connect(): Remote<AssemblerService> {
    if (this._service === undefined) {
      this._worker = new Worker(new URL('../../worker/assembler.ts', import.meta.url), { type: 'module' });
      this._service = wrap<AssemblerService>(this._worker);
    }
    return this._service;
  }

  /** A worker that cannot even start answers nothing. */
  private _failure(): Promise<never> {
    return new Promise((_, reject) => {
      this._worker?.addEventListener(
        'error',
        ({ message }) => {
          this._worker?.terminate();
          this._worker = this._service = undefined;
          reject(new Error(`the assembler's worker has failed: ${message || 'it cannot be loaded'}`));
        },
        { once: true },
      );
    });
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
