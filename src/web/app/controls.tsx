/** The buttons that move the machine, and what it stands at. */
import { icons } from './icons.tsx';
import { useMachine } from './machine-context.ts';
import { MOVES, type MoveId } from './moves.ts';
import './controls.css';

const BACK: readonly MoveId[] = ['start', 'runBack', 'eventBack', 'stepBack'];
const ON: readonly MoveId[] = ['step', 'event', 'run', 'end'];
const GOALS: readonly MoveId[] = ['fork', 'fault', 'cow', 'store', 'syscall', 'write', 'signal', 'exit'];

export function Controls() {
  const machine = useMachine();
  const isRunning = machine.status.value === 'running';
  return (
    <div class="controls" role="toolbar" aria-label="Run">
      {BACK.map((id) => (
        <MoveButton key={id} id={id} />
      ))}
      <button
        type="button"
        class="move stop"
        title="Stop the run (Escape)"
        disabled={!isRunning}
        onClick={() => machine.stop()}
      >
        {icons.stop}
        <span class="visually-hidden">Stop</span>
      </button>
      {ON.map((id) => (
        <MoveButton key={id} id={id} />
      ))}
      <GoalMenu />
    </div>
  );
}

function MoveButton({ id }: { readonly id: MoveId }) {
  const machine = useMachine();
  const { title, help, keys, run } = MOVES[id];
  const { value: view } = machine.view;
  const isBackward = BACK.includes(id);
  const isAtEdge = view === undefined || (isBackward ? view.stop.kind === 'start' : view.isOver);
  return (
    <button
      type="button"
      class="move"
      data-move={id}
      title={`${help} (${keys[0]})`}
      aria-disabled={machine.isBusy.value || isAtEdge}
      onClick={() => run(machine)}
    >
      {icons[id]}
      <span class={id === 'step' || id === 'stepBack' || id === 'event' ? 'move-title' : 'visually-hidden'}>
        {title}
      </span>
    </button>
  );
}

/** What can be run to: a list of choices, which runs at once. */
function GoalMenu() {
  const machine = useMachine();
  return (
    <select
      class="goals"
      aria-label="Run to the next"
      title="Run to the next event of a kind"
      value=""
      onChange={({ currentTarget }) => {
        const id = currentTarget.value as MoveId;
        currentTarget.value = '';
        MOVES[id].run(machine);
      }}
    >
      <option value="" disabled hidden>
        Run to…
      </option>
      {GOALS.map((id) => (
        <option key={id} value={id}>
          {MOVES[id].title}
        </option>
      ))}
    </select>
  );
}
