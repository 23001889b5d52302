/**
 * nasm and ld as programs of a modeled machine: from a source to an executable, with the tools' own words at their lines.
 * The machine stays, and with it their pages and what was translated of them, so that the second time costs a fraction.
 * How our own sources are built is said here, for asm/assemble.ts, too.
 */
import { UsageError } from '../../base/invariant.ts';
import type { GuestFiles } from '../../kernel/vfs/given-files.ts';
import { Machine } from '../../machine/machine.ts';
import { hostTurn } from '../../machine/outside.ts';
import { fileName, SOURCE_DIRECTORY } from './file-name.ts';
import { type Diagnostic, parseLd, parseNasm } from './tool-messages.ts';

export const nasmArguments = (source: string, object: string, includeDirs: readonly string[]): string[] => [
  '-f', 'elf64', '-g', '-F', 'dwarf', ...includeDirs.flatMap((directory) => ['-i', `${directory}/`]), source, '-o', object,
]; // biome-ignore format: a command

export const ldArguments = (object: string, output: string, options: readonly string[]): string[] => [
  ...options,
  object,
  '-o',
  output,
];

/** Beside a source, where `%include` finds files. */
export const INCLUDE_DIRECTORY = 'include';

export interface AssembleRequest {
  /** The source's file name: `demo.asm`. */
  readonly name: string;
  readonly source: string;
  /** Other files by their path beside it: `include/linux.inc`. */
  readonly files?: Readonly<Record<string, string>> | undefined;
  readonly linkOptions?: readonly string[] | undefined;
}

export type AssembleResult =
  | { readonly kind: 'assembled'; readonly elf: Uint8Array; readonly diagnostics: readonly Diagnostic[] }
  | { readonly kind: 'refused'; readonly diagnostics: readonly Diagnostic[] }
  | { readonly kind: 'stopped' };

export interface Progress {
  readonly tool: 'nasm' | 'ld';
  /** Executed by it so far. */
  readonly instructions: number;
}

export interface AssemblerOptions {
  /** /usr/bin/nasm, /usr/bin/ld, and what they need. */
  readonly tools?: GuestFiles | undefined;
  /** Of the host, in Node.js: its tools in the place of `tools`. */
  readonly root?: string | undefined;
  /** Where the sources are in the guest, and so in the line tables. */
  readonly directory?: string | undefined;
  readonly memory?: number | undefined;
}

/** What a source may make its assembler use. */
const MEMORY_BYTES = 512 << 20;
/** Seconds between two turns for whoever wants to stop it. */
const SLICE = 0.03;

export class Assembler {
  readonly directory: string;
  private readonly _machine: Machine;
  private _stderr: Uint8Array[] = [];
  private _notices: string[] = [];
  private _isStopping = false;
  /** The latest of the requests, which go one after the other. */
  private _turn: Promise<unknown> = Promise.resolve();

  constructor({ tools = {}, root, directory = SOURCE_DIRECTORY, memory = MEMORY_BYTES }: AssemblerOptions) {
    this.directory = directory;
    this._machine = new Machine({
      root,
      memory,
      files: { ...tools, [`${directory}/.keep`]: '' },
      cwd: directory,
      capture: false,
      onStdout: (bytes) => this._stderr.push(bytes),
      onStderr: (bytes) => this._stderr.push(bytes),
      onDiagnostic: (message) => this._notices.push(message),
      recordSyscalls: false,
      recordFrames: false,
    });
  }

  /** An executable, or why there is none; warnings in either case. One request waits for the one before. */
  async assemble(request: AssembleRequest, onProgress?: (progress: Progress) => void): Promise<AssembleResult> {
    const turn = this._turn.then(() => this._assemble(request, onProgress));
    this._turn = turn.catch(() => undefined);
    return await turn;
  }

  /** What runs now ends as `stopped`. */
  stop(): void {
    this._isStopping = true;
  }

  private async _assemble(
    request: AssembleRequest,
    onProgress?: (progress: Progress) => void,
  ): Promise<AssembleResult> {
    this._isStopping = false;
    const { name, source, files = {}, linkOptions = [] } = request;
    if (name !== fileName(name)) throw new UsageError(`${name} is no name for a source`);
    const output = name.replace(/\.\w+$/, '') || 'program';
    const object = `${output}.o`;
    for (const [path, text] of Object.entries(files)) this._machine.writeFile(path, { bytes: text, mode: 0o644 });
    this._machine.writeFile(name, { bytes: source, mode: 0o644 });
    const nasm = await this._run('nasm', nasmArguments(name, object, [INCLUDE_DIRECTORY]), onProgress);
    if (nasm === 'stopped') return { kind: 'stopped' };
    const diagnostics = [...parseNasm(nasm.text), ...nasm.failures];
    if (nasm.status !== 0) return { kind: 'refused', diagnostics };
    const ld = await this._run('ld', ldArguments(object, output, linkOptions), onProgress);
    if (ld === 'stopped') return { kind: 'stopped' };
    diagnostics.push(...parseLd(ld.text, this.directory), ...ld.failures);
    const elf = ld.status === 0 ? this._machine.readFile(output) : undefined;
    return elf === undefined ? { kind: 'refused', diagnostics } : { kind: 'assembled', elf, diagnostics };
  }

  private async _run(
    tool: 'nasm' | 'ld',
    args: readonly string[],
    onProgress: ((progress: Progress) => void) | undefined,
  ): Promise<'stopped' | { status: number | undefined; text: string; failures: Diagnostic[] }> {
    const { cpu } = this._machine;
    this._stderr = [];
    this._notices = [];
    await this._machine.load(undefined, `/usr/bin/${tool}`, { args, argv0: tool });
    const before = cpu.retired;
    for (;;) {
      const result = await this._machine.run({ timeout: SLICE });
      onProgress?.({ tool, instructions: cpu.retired - before });
      if (result.outcome !== 'timeout') {
        const text = await new Blob(this._stderr as Uint8Array<ArrayBuffer>[]).text();
        const failures = result.status === undefined ? [result.signal ?? result.outcome, ...this._notices] : [];
        return { status: result.status, text, failures: failures.map((why) => failureOf(tool, why)) };
      }
      await hostTurn();
      if (!this._isStopping) continue;
      this._machine.endAll();
      return 'stopped';
    }
  }
}

const failureOf = (tool: 'nasm' | 'ld', why: string): Diagnostic => ({
  file: undefined,
  line: undefined,
  severity: 'error',
  text: /^SIG/.test(why) ? `${tool} was killed by ${why}` : why,
  tool,
});
