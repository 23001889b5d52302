/** Which processes are drawn: two, or on a narrow screen one. A new choice takes the place of the older one. */
import type { Signal } from '@preact/signals';
import type { MachineView } from '../../protocol.ts';

interface PairChoiceProps {
  readonly view: MachineView;
  readonly shown: readonly number[];
  readonly isNarrow: boolean;
  readonly wanted: Signal<readonly number[]>;
}

export function PairChoice({ view, shown, isNarrow, wanted }: PairChoiceProps) {
  const choose = (pid: number): void => {
    if (isNarrow) wanted.value = [pid];
    else if (!shown.includes(pid)) wanted.value = [wanted.value.at(-1) ?? shown[0], pid];
  };
  return (
    <fieldset class="pair-choice">
      <legend>{isNarrow ? 'Address space of' : 'Side by side'}</legend>
      {view.processes.map(({ pid, stateText, space }) => (
        <button
          key={pid}
          type="button"
          class={`chip${space === undefined ? ' ended' : ''}`}
          aria-pressed={shown.includes(pid)}
          title={stateText}
          onClick={() => choose(pid)}
        >
          {pid}
        </button>
      ))}
      {wanted.value.length > 0 && (
        <button
          type="button"
          class="quiet chip"
          onClick={() => {
            wanted.value = [];
          }}
        >
          automatic
        </button>
      )}
    </fieldset>
  );
}
