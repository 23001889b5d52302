/**
 * What is edited and what came of it: a source, its messages, and the way through nasm and ld into the machine. Sources
 * are the page's own, as they were published or as the user has left them, and the user's.
 */
import { batch, effect, type Signal, signal } from '@preact/signals';
import type { AssembleRequest, AssembleResult } from '../../model/assembler.ts';
import { fileName, SOURCE_DIRECTORY } from '../../model/file-name.ts';
import type { Diagnostic } from '../../model/tool-messages.ts';
import type { AssemblerProgress } from '../../worker/assembler.ts';
import { type CatalogueEntry, catalogue, sourceText } from '../catalogue.ts';
import type { MachineStore } from '../machine-store.ts';
import { noteSource } from '../share/origin.ts';
import { sourceTexts } from '../source-texts.ts';
import { CodeEditor } from './code-editor.ts';
import { draftNames, findDraft, forgetDraft, keepDraft, lastOpen, noteOpen } from './drafts.ts';
import { type EditorRequest, editorRequest } from './editor-request.ts';
import { Toolchain } from './toolchain.ts';

/** Typing has to rest for so long before the source is checked. */
const CHECK_AFTER_MS = 700;
const KEEP_AFTER_MS = 300;
/** A source that nobody has asked to be assembled may cost so much: the demo takes ten million. */
const CHECK_MOST_INSTRUCTIONS = 250e6;
/** What a first source of one's own looks like. */
const NEW_SOURCE = `; Your own program: Ctrl-Enter assembles and runs it.
section .data
hello:  db "hello", 10
length  equ $ - hello

section .text
global _start
_start:
    mov eax, 1          ; write(1, hello, length)
    mov edi, 1
    mov esi, hello
    mov edx, length
    syscall
    mov eax, 60         ; exit(0)
    xor edi, edi
    syscall
`;

export interface EditorStatus {
  readonly kind: 'idle' | 'busy' | 'done' | 'failed';
  readonly text: string;
}

/** A source on its way through the toolchain, and what came of it. */
interface Work {
  readonly name: string;
  readonly source: string;
  /** Somebody waits for it. */
  isAsked: boolean;
  result: Promise<Uint8Array | undefined>;
}

export class EditorStore {
  /** Of the source that is open; empty before the first. */
  readonly name: Signal<string> = signal('');
  readonly isChanged: Signal<boolean> = signal(false);
  readonly status: Signal<EditorStatus> = signal({ kind: 'idle', text: '' });
  readonly diagnostics: Signal<readonly Diagnostic[]> = signal([]);
  /** The page's sources that can be opened, and then the user's own. */
  readonly choices: Signal<readonly { readonly name: string; readonly title: string }[]> = signal([]);
  /** Why nothing can be assembled here. */
  readonly missing: Signal<string | undefined> = signal(undefined);
  /** `NASM version 2.16.01, GNU ld 2.40`. */
  readonly tools: Signal<string> = signal('');
  readonly editor: CodeEditor;

  private readonly _machine: MachineStore;
  private readonly _toolchain = new Toolchain();
  private _entries: readonly CatalogueEntry[] = [];
  /** What the source was before anybody changed it. */
  private _original = '';
  private _includes: Promise<Readonly<Record<string, string>>> | undefined;
  private _checkTimer: ReturnType<typeof setTimeout> | undefined;
  private _keepTimer: ReturnType<typeof setTimeout> | undefined;
  /** The latest that was given to the toolchain, done or not. */
  private _work: Work | undefined;
  /** A source that is not assembled unless somebody asks for it. */
  private _tooLong: string | undefined;

  constructor(machine: MachineStore, describedBy: string) {
    this._machine = machine;
    this.editor = new CodeEditor({
      describedBy,
      onChange: (text) => this._changed(text),
      onRun: () => void this.run(),
      onFocus: () => this._checkSoon(),
    });
    void this._begin();
  }

  /** Assembles the source and opens the program; with `goes` it runs, otherwise it stands at its beginning. */
  async run({ goes = true } = {}): Promise<void> {
    const name = this.name.value;
    const text = this.editor.text;
    const elf = await this._assemble(true);
    if (elf === undefined) return;
    const entry = this._entryOf(name);
    for (const [path, contents] of Object.entries({ ...(await this._loadIncludes()), [name]: text }))
      sourceTexts.put(`${SOURCE_DIRECTORY}/${path}`, contents);
    noteSource(elf, { name, text });
    const path = entry?.name ?? name.replace(/\.\w+$/, '');
    const isOpen = await this._machine.open({ path, program: elf, args: entry?.args ?? [] });
    const { message } = this._machine;
    if (!isOpen) this.status.value = { kind: 'failed', text: message.value ?? 'the program cannot be opened' };
    else if (goes) await this._machine.move({ kind: 'continue', direction: 'forward' });
  }

  stop(): void {
    this._toolchain.stop();
  }

  /** Opens a source by its name, as the user has left it. */
  async open({ name, text, line }: EditorRequest): Promise<void> {
    const plain = fileName(name);
    const entry = this._entryOf(plain);
    const draft = findDraft(plain);
    const own = draft ?? NEW_SOURCE;
    const original = text ?? (entry === undefined ? own : await sourceText(entry.sources[0]));
    this._keepNow();
    this.stop();
    this._work = undefined;
    batch(() => {
      this.name.value = plain;
      this._original = original;
      this.editor.open(text ?? draft ?? original);
      this.isChanged.value = this.editor.text !== original;
      this.diagnostics.value = [];
      this.status.value = { kind: 'idle', text: '' };
    });
    // A file of the user's own is kept from the start: the page cannot read it again.
    if (entry === undefined) keepDraft({ name: plain, text: this.editor.text });
    noteOpen(plain);
    this._listChoices();
    if (line !== undefined) this.editor.goTo(line);
    this._checkSoon();
  }

  reset(): void {
    this.editor.replace(this._original);
  }

  /** Whether the source is none of the page's. */
  get isOwn(): boolean {
    return this.choices.value.length > 0 && this._entryOf(this.name.value) === undefined;
  }

  /** Forgets a source of the user's own. */
  async remove(): Promise<void> {
    const name = this.name.value;
    const [first] = this._entries;
    this.name.value = '';
    forgetDraft(name);
    await this.open({ name: first.sources[0] });
  }

  private async _begin(): Promise<void> {
    const described = this._toolchain.describe().then((pack) => {
      if ('missing' in pack) this.missing.value = pack.missing;
      else this.tools.value = `${pack.nasm.replace(/ compiled.*/, '')}, ${pack.ld.replace(/ \(.*\)/, '')}`;
    });
    this._entries = (await catalogue()).filter(({ sources }) => sources[0].endsWith('.asm'));
    this._listChoices();
    const open = this._machine.spec.peek()?.path;
    const first = this._entries.find(({ name }) => name === open) ?? this._entries[0];
    const name = lastOpen() ?? first.sources[0];
    if (editorRequest.peek() === undefined) await this.open({ name });
    effect(() => {
      const request = editorRequest.value;
      if (request === undefined) return;
      editorRequest.value = undefined;
      void this.open(request);
    });
    await described;
  }

  private _entryOf(source: string): CatalogueEntry | undefined {
    return this._entries.find(({ sources }) => sources[0] === source);
  }

  private _listChoices(): void {
    const known = this._entries.map(({ sources, title }) => ({ name: sources[0], title }));
    const own = draftNames().filter((name) => !known.some((one) => one.name === name));
    this.choices.value = [...known, ...own.map((name) => ({ name, title: name }))];
  }

  private _changed(text: string): void {
    this.isChanged.value = text !== this._original;
    clearTimeout(this._keepTimer);
    this._keepTimer = setTimeout(() => this._keepNow(), KEEP_AFTER_MS);
    this._checkSoon();
  }

  private _keepNow(): void {
    clearTimeout(this._keepTimer);
    const name = this.name.value;
    if (name === '') return;
    const text = this.editor.text;
    if (text === this._original && this._entryOf(name) !== undefined) forgetDraft(name);
    else keepDraft({ name, text });
  }

  /** When typing has rested, the source is assembled, so that its errors show and a run need not wait. */
  private _checkSoon(): void {
    clearTimeout(this._checkTimer);
    if (this.missing.value !== undefined) return;
    this._checkTimer = setTimeout(() => {
      if (this.status.value.kind !== 'busy' && this._tooLong !== this.editor.text) void this._assemble(false);
    }, CHECK_AFTER_MS);
  }

  /** The program that the source makes; undefined: none, and the status tells why. The same source is assembled once. */
  private _assemble(isAsked: boolean): Promise<Uint8Array | undefined> {
    clearTimeout(this._checkTimer);
    if (this.missing.value !== undefined || this.name.value === '') return Promise.resolve(undefined);
    const [name, source] = [this.name.value, this.editor.text];
    const known = this._work;
    if (known?.name === name && known.source === source) {
      known.isAsked ||= isAsked;
      return known.result;
    }
    this._toolchain.stop();
    const work: Work = { name, source, isAsked, result: Promise.resolve(undefined) };
    this._work = work;
    this._tooLong = undefined;
    this.status.value = { kind: isAsked ? 'busy' : 'idle', text: 'assembling…' };
    work.result = this._perform(work);
    return work.result;
  }

  private async _perform(work: Work): Promise<Uint8Array | undefined> {
    const { name, source } = work;
    const begun = performance.now();
    try {
      const linkOptions = this._entryOf(name)?.linkOptions;
      const request: AssembleRequest = { name, source, files: await this._loadIncludes(), linkOptions };
      const result = await this._toolchain.assemble(request, (progress) => {
        if (this._work !== work) return;
        if (!work.isAsked && progress.tool !== 'loading' && progress.instructions > CHECK_MOST_INSTRUCTIONS) {
          this._tooLong = source;
          this._toolchain.stop();
        } else this.status.value = { kind: work.isAsked ? 'busy' : 'idle', text: describe(progress) };
      });
      if (this._work !== work) return undefined;
      if (result.kind === 'stopped') this._work = undefined;
      this._take(result, performance.now() - begun);
      if (work.isAsked && result.kind === 'refused') this._showFirstError(result.diagnostics);
      return result.kind === 'assembled' ? result.elf : undefined;
    } catch (error) {
      if (this._work !== work) return undefined;
      this._work = undefined;
      this.status.value = { kind: 'failed', text: error instanceof Error ? error.message : String(error) };
      return undefined;
    }
  }

  private _take(result: AssembleResult, tookMs: number): void {
    if (result.kind === 'stopped') {
      const isTooLong = this._tooLong === this.editor.text;
      this.status.value = {
        kind: 'idle',
        text: isTooLong ? 'This takes long: Ctrl-Enter goes through with it' : 'stopped',
      };
      return;
    }
    const { diagnostics } = result;
    const count = (severity: Diagnostic['severity']): number =>
      diagnostics.filter((diagnostic) => diagnostic.severity === severity).length;
    const counted = [plural(count('error'), 'error'), plural(count('warning'), 'warning')].filter(
      (text) => text !== '',
    );
    batch(() => {
      this.diagnostics.value = diagnostics;
      this.editor.mark(diagnostics.filter(({ file }) => file === this.name.value));
      if (result.kind === 'refused') this.status.value = { kind: 'failed', text: counted.join(', ') || 'refused' };
      else {
        const done = `assembled and linked in ${(tookMs / 1000).toFixed(1)} s`;
        this.status.value = { kind: 'done', text: [done, ...counted].join(', ') };
      }
    });
  }

  private _showFirstError(diagnostics: readonly Diagnostic[]): void {
    const first = diagnostics.find(({ severity, file }) => severity === 'error' && file === this.name.value);
    if (first?.line !== undefined) this.editor.reveal(first.line);
  }

  /** All files that a source may include, by path. */
  private _loadIncludes(): Promise<Readonly<Record<string, string>>> {
    this._includes ??= Promise.all(
      [...new Set(this._entries.flatMap(({ sources }) => sources.slice(1)))].map(
        async (path) => [path, await sourceText(path)] as const,
      ),
    ).then(Object.fromEntries);
    this._includes.catch(() => {
      this._includes = undefined;
    });
    return this._includes;
  }
}

const plural = (count: number, what: string): string =>
  count === 0 ? '' : `${count} ${what}${count === 1 ? '' : 's'}`;

function describe(progress: AssemblerProgress): string {
  if (progress.tool === 'loading')
    return `loading the assembler: ${(progress.bytes / 1e6).toFixed(1)} of ${(progress.total / 1e6).toFixed(1)} MB`;
  return `${progress.tool}: ${(progress.instructions / 1e6).toFixed(1)} million instructions`;
}
