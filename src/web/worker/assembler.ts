/**
 * The assembler's worker: nasm and ld on a machine of their own, which stays for the next source. It is one worker more, so
 * that neither the page nor the program under examination waits for it. The packed tools are loaded when they are first
 * wanted.
 */
import { expose } from 'comlink';
import { invariant } from '../../base/invariant.ts';
import type { GuestFiles } from '../../kernel/vfs/given-files.ts';
import { type AssembleRequest, type AssembleResult, Assembler, type Progress } from '../model/assembler.ts';
import { type AssemblerPack, unpack } from '../model/assembler-pack.ts';

export type AssemblerProgress = Progress | { readonly tool: 'loading'; readonly bytes: number; readonly total: number };

type OnProgress = (progress: AssemblerProgress) => void;

export class AssemblerService {
  private _loading: Promise<Assembler> | undefined;
  private _assembler: Assembler | undefined;

  /** Loads the tools, if that has not been done: `base` is where the pack's files are. */
  async load(pack: AssemblerPack, base: string, onProgress: OnProgress): Promise<void> {
    this._loading ??= loadTools(pack, base, onProgress).then((tools) => new Assembler({ tools }));
    try {
      this._assembler = await this._loading;
    } catch (error) {
      // The next one tries again.
      this._loading = undefined;
      throw error;
    }
  }

  async assemble(request: AssembleRequest, onProgress: OnProgress): Promise<AssembleResult> {
    invariant(this._assembler !== undefined, 'the assembler has not been loaded');
    return await this._assembler.assemble(request, onProgress);
  }

  stop(): void {
    this._assembler?.stop();
  }
}

async function loadTools({ files }: AssemblerPack, base: string, onProgress: OnProgress): Promise<GuestFiles> {
  const total = files.reduce((sum, { storedBytes }) => sum + storedBytes, 0);
  let bytes = 0;
  const loaded = files.map(async (file) => {
    const response = await fetch(new URL(file.stored, base));
    if (!response.ok) throw new Error(`${file.stored}: ${response.status} ${response.statusText}`);
    const stored = new Uint8Array(await response.arrayBuffer());
    bytes += stored.length;
    onProgress({ tool: 'loading', bytes, total });
    return [file.path, { bytes: await unpack(file, stored), mode: file.mode }] as const;
  });
  return Object.fromEntries(await Promise.all(loaded));
}

expose(new AssemblerService());
