/**
 * The assembler's worker: nasm and ld on a machine of their own, which stays for the next source. It is one worker more, so
 * that neither the page nor the program under examination waits for it. The packed tools are loaded when they are first
 * wanted.
 */
import { expose } from 'comlink';
import type { GuestFiles } from '../../kernel/vfs/given-files.ts';
import { type AssembleRequest, type AssembleResult, Assembler, type Progress } from '../model/assembler.ts';
import { type AssemblerPack, unpack } from '../model/assembler-pack.ts';

export type AssemblerProgress = Progress | { readonly tool: 'loading'; readonly bytes: number; readonly total: number };

type OnProgress = (progress: AssemblerProgress) => void;

export class AssemblerService {
  private _assembler: Promise<Assembler> | undefined;

  /** Loads the tools, if that has not been done: `base` is where the pack's files are. */
  async load(pack: AssemblerPack, base: string, onProgress: OnProgress): Promise<void> {
    this._assembler ??= loadTools(pack, base, onProgress).then((tools) => new Assembler({ tools }));
    try {
      await this._assembler;
    } catch (error) {
      // The next one tries again.
      this._assembler = undefined;
      throw error;
    }
  }

  async assemble(request: AssembleRequest, onProgress: OnProgress): Promise<AssembleResult> {
    const assembler = await this._assembler;
    if (assembler === undefined) throw new Error('the assembler has not been loaded');
    return await assembler.assemble(request, onProgress);
  }

  async stop(): Promise<void> {
    (await this._assembler)?.stop();
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
