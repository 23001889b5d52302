/**
 * What the programs have printed up to the position: going back takes it away again. When somebody waits for input, a
 * line can be typed here, and the run goes on with what it was asked for.
 */
import { useEffect, useRef, useState } from 'preact/hooks';
import { useMachine } from '../machine-context.ts';
import type { MachineStore } from '../machine-store.ts';
import { Panel } from './panel.tsx';
import { printedAt } from './printed.ts';
import type { TerminalScreen } from './terminal-screen.ts';
import './terminal.css';

export function TerminalPanel() {
  const machine = useMachine();
  const view = machine.view.value;
  const writes = machine.writes.value;
  const element = useRef<HTMLDivElement>(null);
  const [screen, setScreen] = useState<TerminalScreen | undefined>(undefined);
  const [problem, setProblem] = useState<string | undefined>(undefined);
  const pieces = view === undefined ? [] : printedAt(view, writes);
  const isTyping = view?.wantsInput === true && machine.status.value === 'ready';
  useEffect(() => {
    let made: TerminalScreen | undefined;
    let isGone = false;
    import('./terminal-screen.ts').then(
      (module) => {
        if (isGone || element.current === null) return;
        made = new module.TerminalScreen(element.current, {
          onLine: (text) => void give(machine, text),
          onEnd: () => void end(machine),
        });
        setScreen(made);
      },
      () => setProblem('The terminal cannot be loaded; this is what was printed.'),
    );
    return () => {
      isGone = true;
      made?.dispose();
    };
  }, [machine]);
  useEffect(() => screen?.show(pieces, isTyping));
  const hasErrors = pieces.some(({ kind }) => kind === 'error');
  return (
    <Panel
      title="Terminal"
      class="terminal-panel"
      isFixed
      aside={
        <>
          {hasErrors && <i class="terminal-legend">standard error is slanted</i>}
          <button
            type="button"
            class="quiet small-button"
            disabled={pieces.length === 0}
            title="Copy all that is shown"
            onClick={() => void copy(machine, textOf(pieces))}
          >
            Copy
          </button>
        </>
      }
      foot={isTyping ? <InputLine /> : undefined}
    >
      {problem !== undefined && (
        <pre class="terminal-plain">
          {problem}
          {'\n'}
          {textOf(pieces)}
        </pre>
      )}
      {pieces.length === 0 && <p class="terminal-empty">Nothing has been printed yet.</p>}
      <div class="terminal-screen" ref={element} data-printed={pieces.length} />
    </Panel>
  );
}

function textOf(pieces: ReturnType<typeof printedAt>): string {
  const decoder = new TextDecoder();
  return pieces.map(({ bytes }) => decoder.decode(bytes, { stream: true })).join('');
}

/** A page without a secure origin, or in a frame that may not, has no clipboard. */
async function copy(machine: MachineStore, text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    machine.message.value = 'the browser does not let this page copy; select the text instead';
  }
}

/** Input, and on with what the run waited in. */
async function give(machine: MachineStore, text: string): Promise<void> {
  const isWaiting = machine.view.value?.stop.kind === 'input';
  if (await machine.input(text)) await goOn(machine, isWaiting);
}
async function end(machine: MachineStore): Promise<void> {
  const isWaiting = machine.view.value?.stop.kind === 'input';
  if (await machine.endInput()) await goOn(machine, isWaiting);
}
async function goOn(machine: MachineStore, isWaiting: boolean): Promise<void> {
  const move = machine.lastMove.value;
  if (isWaiting && move !== undefined && move.kind !== 'goto' && move.kind !== 'start') await machine.move(move);
}

/** The way in that needs no terminal: for phones and screen readers. */
function InputLine() {
  const machine = useMachine();
  const [text, setText] = useState('');
  return (
    <form
      class="terminal-input"
      onSubmit={async (event) => {
        event.preventDefault();
        setText('');
        await give(machine, `${text}\n`);
      }}
    >
      <label for="terminal-line">The program waits for input</label>
      <input
        id="terminal-line"
        class="mono"
        type="text"
        autocomplete="off"
        autocapitalize="off"
        spellcheck={false}
        value={text}
        onInput={({ currentTarget }) => setText(currentTarget.value)}
        onKeyDown={(event) => {
          if (!event.ctrlKey || event.key !== 'd' || text !== '') return;
          event.preventDefault();
          void end(machine);
        }}
      />
      <button type="submit" class="small-button">
        Enter
      </button>
      <button
        type="button"
        class="small-button"
        title="The end of the input (Ctrl-D)"
        onClick={() => void end(machine)}
      >
        End
      </button>
    </form>
  );
}
