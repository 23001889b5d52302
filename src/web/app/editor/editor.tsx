/**
 * The editor's panel: which source, the text, what can be done with it, and what nasm and ld have said, each message a way
 * to its line.
 */
import { useEffect, useRef, useState } from 'preact/hooks';
import { NOTICE } from '../../model/assembler-pack.ts';
import type { Diagnostic } from '../../model/tool-messages.ts';
import type { MachineStore } from '../machine-store.ts';
import { Panel } from '../panels/panel.tsx';
import { EditorStore } from './editor-store.ts';
import './editor.css';

const HINT_ID = 'editor-hint';

let store: EditorStore | undefined;

export function Editor({ machine }: { readonly machine: MachineStore }) {
  store ??= new EditorStore(machine, HINT_ID);
  const editor = store;
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (store !== undefined) place.current?.append(store.editor.element);
  }, []);
  return (
    <Panel title="Editor" class="editor" aside={<Tools editor={editor} />}>
      <div class="editor-bar">
        <SourceChoice editor={editor} />
        <button
          type="button"
          title="Reset to the original"
          aria-label="Reset to the original"
          disabled={!editor.isChanged.value}
          onClick={() => editor.reset()}
        >
          Reset
        </button>
        {editor.isOwn && <RemoveButton key={editor.name.value} editor={editor} />}
        <span class="editor-space" />
        <Actions editor={editor} />
      </div>
      <div class="editor-text" ref={place} />
      <p id={HINT_ID} class="visually-hidden">
        Tab indents. Press Escape, then Tab to leave the editor. Control Enter assembles and runs the program.
      </p>
      <div class="editor-messages">
        <Status editor={editor} />
        <Messages editor={editor} />
      </div>
    </Panel>
  );
}

interface Part {
  readonly editor: EditorStore;
}

const Tools = ({ editor }: Part) =>
  editor.tools.value === '' ? null : (
    <a
      href={`assembler/${NOTICE}`}
      target="_blank"
      rel="noreferrer"
      title="What the assembler is made of, and its licences"
    >
      {editor.tools.value}
    </a>
  );

function SourceChoice({ editor }: Part) {
  const { name, choices } = editor;
  const known = choices.value.some((choice) => choice.name === name.value);
  return (
    <>
      <select
        aria-label="Source"
        value={name.value}
        onChange={({ currentTarget }) => void editor.open({ name: currentTarget.value })}
      >
        {!known && <option value={name.value}>{name.value}</option>}
        {choices.value.map((choice) => (
          <option key={choice.name} value={choice.name}>
            {choice.title}
          </option>
        ))}
      </select>
      <button type="button" onClick={() => void editor.open({ name: freeName(choices.value) })}>
        New
      </button>
    </>
  );
}

/** Asks once more: what is forgotten is nowhere else. */
function RemoveButton({ editor }: Part) {
  const [isSure, setIsSure] = useState(false);
  return (
    <button
      type="button"
      title={`Forget ${editor.name.value}`}
      onBlur={() => setIsSure(false)}
      onClick={() => (isSure ? void editor.remove() : setIsSure(true))}
    >
      {isSure ? 'Really delete' : 'Delete'}
    </button>
  );
}

/** `mine.asm`, or with a number behind. */
function freeName(taken: readonly { readonly name: string }[]): string {
  for (let n = 1; ; n++) {
    const name = n === 1 ? 'mine.asm' : `mine-${n}.asm`;
    if (!taken.some((one) => one.name === name)) return name;
  }
}

function Actions({ editor }: Part) {
  if (editor.missing.value !== undefined) return null;
  if (editor.status.value.kind === 'busy')
    return (
      <button type="button" onClick={() => editor.stop()}>
        Stop
      </button>
    );
  return (
    <>
      <button
        type="button"
        title="Assemble, and open the program at its first instruction"
        onClick={() => void editor.run({ goes: false })}
      >
        Assemble
      </button>
      <button
        type="button"
        class="primary"
        title="Assemble, and run the program (Ctrl-Enter)"
        onClick={() => void editor.run()}
      >
        Assemble and run
      </button>
    </>
  );
}

function Status({ editor }: Part) {
  const { missing, status } = editor;
  if (missing.value !== undefined)
    return (
      <p class="editor-status failed" role="status">
        There is no assembler in this page: {missing.value}. Build it with <code>npm run build:web</code> on x86-64
        Linux with nasm and binutils, or open a program that is assembled already.
      </p>
    );
  return (
    <p
      class={`editor-status ${status.value.kind}`}
      role="status"
      aria-live={status.value.kind === 'done' || status.value.kind === 'failed' ? 'polite' : 'off'}
    >
      {status.value.text || 'Ctrl-Enter assembles and runs. Escape, then Tab leaves the editor.'}
    </p>
  );
}

function Messages({ editor }: Part) {
  const { value: diagnostics } = editor.diagnostics;
  if (diagnostics.length === 0) return null;
  return (
    <ol class="editor-list" aria-label="Messages of the assembler and the linker">
      {diagnostics.map((diagnostic) => (
        <li key={diagnostic} class={diagnostic.severity}>
          <Message editor={editor} diagnostic={diagnostic} />
        </li>
      ))}
    </ol>
  );
}

const SIGNS = { error: '✕', warning: '!', note: '·' } as const;

function Message({ editor, diagnostic }: Part & { readonly diagnostic: Diagnostic }) {
  const { file, line, severity, text, tool } = diagnostic;
  const content = (
    <>
      <span class="editor-sign" aria-hidden="true">
        {SIGNS[severity]}
      </span>
      <span class="editor-place">
        {line === undefined ? tool : file === editor.name.value ? `line ${line}` : `${file}:${line}`}
      </span>
      <span>
        <span class="visually-hidden">{severity}: </span>
        {text}
      </span>
    </>
  );
  if (line === undefined || file !== editor.name.value) return <p class="editor-message">{content}</p>;
  return (
    <button type="button" class="quiet editor-message" onClick={() => editor.editor.goTo(line)}>
      {content}
    </button>
  );
}
