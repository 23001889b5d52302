/** What the machine stands at, in words: the reason of the stop, the processes to choose from, and what went wrong. */
import { useMachine } from './machine-context.ts';
import './status-line.css';

export function StatusLine() {
  const machine = useMachine();
  const { status, view, progress } = machine;
  const message = machine.message.value ?? machine.notice.value;
  const now = view.value;
  return (
    <div class="status">
      <ProcessChoice />
      <p class={`status-text ${status.value}`} role="status" aria-live="polite" title={message ?? now?.stop.text}>
        {message !== undefined ? (
          <span class="status-error">{message}</span>
        ) : status.value === 'loading' ? (
          'Loading…'
        ) : status.value === 'running' && progress.value !== undefined ? (
          `Running: instruction ${progress.value.position.instruction.toLocaleString('en')}, ${Math.round(progress.value.instructionsPerSecond / 1e6)} million a second`
        ) : (
          now?.stop.text
        )}
      </p>
    </div>
  );
}

/** The processes that live, and those that have ended, each with what it does. */
function ProcessChoice() {
  const machine = useMachine();
  const now = machine.view.value;
  if (now === undefined) return null;
  return (
    <fieldset class="processes">
      <legend class="visually-hidden">Process</legend>
      {now.processes.map(({ pid, comm, stateText, state, threads }, i) => {
        const hasEnded = state === 'zombie' || state === 'gone';
        const isSelected = now.pid === pid;
        return (
          <button
            key={pid}
            type="button"
            class={`process p${(i % 4) + 1}${isSelected ? ' selected' : ''}${hasEnded ? ' ended' : ''}`}
            aria-pressed={isSelected}
            aria-disabled={hasEnded}
            title={`${comm}: ${stateText}`}
            onClick={() => !hasEnded && machine.selectThread(threads[0].tid)}
          >
            <b>{pid}</b> <span class="process-state">{stateText}</span>
          </button>
        );
      })}
    </fieldset>
  );
}
