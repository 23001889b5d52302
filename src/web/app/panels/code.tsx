/**
 * The program's code: its source where there is one, its instructions, or both. Every process's line is marked, that of
 * the selected one kept in sight; a click at the left sets a breakpoint. Below: what the next instruction will do.
 */
import { signal } from '@preact/signals';
import { useEffect, useState } from 'preact/hooks';
import type { MachineView } from '../../protocol.ts';
import { editRequest, openInEditor } from '../editor/editor-request.ts';
import { useMachine } from '../machine-context.ts';
import { sourceTexts } from '../source-texts.ts';
import { Choice } from './choice.tsx';
import { CodeRowView } from './code-row.tsx';
import { type CodeMode, instructionRows, mixedRows, positionsOf, sourceRows } from './code-rows.ts';
import { NextInstruction } from './next-instruction.tsx';
import { Panel } from './panel.tsx';
import { VirtualList } from './virtual-list.tsx';
import './code.css';

/** What the user wants; where there is no source there are instructions. */
const wanted = signal<CodeMode>('source');
/** Another file than the one that the selected thread is in. */
const chosenFile = signal<string | undefined>(undefined);

const MODES = [
  { id: 'source', title: 'Source', help: 'The source, where the program has line tables' },
  { id: 'both', title: 'Both', help: 'Each source line above its instructions' },
  { id: 'instructions', title: 'Instructions', help: 'The disassembly around RIP' },
] as const;

export function CodePanel() {
  const machine = useMachine();
  const view = machine.view.value;
  const thread = view?.processes.find(({ pid }) => pid === view.pid)?.threads.find(({ tid }) => tid === view.tid);
  const place = thread?.place;
  const [files, codeLines] = useFiles(view, chosenFile.value ?? place?.file);
  // biome-ignore lint/correctness/useExhaustiveDependencies: where the thread goes, the list follows
  useEffect(() => {
    chosenFile.value = undefined;
  }, [view?.position.instruction, view?.tid]);
  const file = chosenFile.value ?? place?.file ?? (view?.tid === 0 ? files[0] : undefined);
  const lines = file === undefined ? undefined : sourceTexts.linesOf(file);
  const isElsewhere = machine.codeAddress.value !== undefined;
  const mode: CodeMode =
    isElsewhere || lines === undefined ? (wanted.value === 'both' ? 'both' : 'instructions') : wanted.value;
  const rows =
    mode === 'source' && file !== undefined && lines !== undefined
      ? sourceRows(file, lines)
      : mode === 'both'
        ? mixedRows(view?.code ?? [], (path) => sourceTexts.linesOf(path))
        : instructionRows(view?.code ?? []);
  if (view === undefined) return <Panel title="Code">{null}</Panel>;
  const here = positionsOf(view);
  const at = machine.codeAddress.value ?? thread?.rip;
  const keep = rows.findIndex((row) =>
    mode === 'source'
      ? row.kind === 'source' && row.file === place?.file && row.line === place?.line
      : row.kind === 'instruction' && row.line.address === at,
  );
  return (
    <Panel
      title="Code"
      class="code-panel"
      isFixed
      aside={
        <>
          {isElsewhere && (
            <button type="button" class="small-button" onClick={() => machine.showCode(undefined)}>
              Back to RIP
            </button>
          )}
          <Choice label="What is shown" options={MODES} value={mode} onChange={(id) => (wanted.value = id)} />
        </>
      }
      foot={<NextInstruction />}
    >
      {mode === 'source' && file !== undefined && (
        <p class="code-file">
          {files.length > 1 ? (
            <select
              aria-label="Source file"
              value={file}
              onChange={({ currentTarget }) => (chosenFile.value = currentTarget.value)}
            >
              {files.map((path) => (
                <option key={path}>{path}</option>
              ))}
            </select>
          ) : (
            <span class="mono">{file}</span>
          )}
          <EditButton file={file} line={file === place?.file ? place.line : undefined} />
        </p>
      )}
      {rows.length === 0 ? (
        <p class="panel-empty">
          {view.isOver ? 'Every process has ended. Step back to see its code again.' : 'There is no code here.'}
        </p>
      ) : (
        <VirtualList
          label={mode === 'source' ? `Source ${file}` : 'Instructions'}
          class="code-list"
          count={rows.length}
          rowRem={1.25}
          keep={keep < 0 ? undefined : keep}
          row={(index, tabIndex) => (
            <CodeRowView
              key={index}
              row={rows[index]}
              index={index}
              tabIndex={tabIndex}
              here={here}
              stops={view.stopPoints}
              codeLines={mode === 'source' ? codeLines : undefined}
            />
          )}
        />
      )}
    </Panel>
  );
}

/** To the editor, at the line that is about to run. */
function EditButton({ file, line }: { readonly file: string; readonly line: number | undefined }) {
  const { program } = useMachine().spec.value ?? {};
  const request = program && editRequest(program, file);
  if (request === undefined) return null;
  return (
    <button type="button" class="small-button" onClick={() => openInEditor({ ...request, line })}>
      Edit
    </button>
  );
}

/** The source files of the program, and the lines of one of them that have code. */
function useFiles(view: MachineView | undefined, file: string | undefined): [readonly string[], ReadonlySet<number>] {
  const machine = useMachine();
  const spec = machine.spec.value;
  const [files, setFiles] = useState<readonly string[]>([]);
  const [lines, setLines] = useState<{ readonly file: string; readonly has: ReadonlySet<number> }>();
  const isThere = view !== undefined && view.tid !== 0;
  const comm = view?.processes.find(({ pid }) => pid === view.pid)?.comm;
  // biome-ignore lint/correctness/useExhaustiveDependencies: another program has others, also one that was executed
  useEffect(() => {
    if (isThere) void machine.ask((session) => session.sourceFiles()).then(setFiles, () => undefined);
  }, [spec, isThere, comm]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another program has other lines
  useEffect(() => {
    if (!isThere || file === undefined) return;
    const answer = machine.ask((session) => session.linesWithCode(file));
    void answer.then((has) => setLines({ file, has: new Set(has) })).catch(() => undefined);
  }, [spec, isThere, file]);
  return [files, lines !== undefined && lines.file === file ? lines.has : NONE];
}
const NONE: ReadonlySet<number> = new Set();
