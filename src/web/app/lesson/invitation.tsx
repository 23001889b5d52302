/** What a first visitor is offered: the first lesson. Once it was taken or put away, it does not come again. */
import { signal } from '@preact/signals';
import { LESSONS } from '../../lessons/index.ts';
import { layout } from '../layout.ts';
import { useMachine } from '../machine-context.ts';
import { remember, remembered } from '../remember.ts';
import { lessons } from './lesson-store.ts';

const isInvited = signal(remembered('invited') === undefined);

function accept(): void {
  isInvited.value = false;
  remember('invited', 'yes');
}

export function Invitation() {
  const machine = useMachine();
  // In somebody else's page the author decides what is shown.
  if (layout.isEmbedded.value || !isInvited.value || lessons.isOpen.value || machine.view.value === undefined)
    return null;
  const [first] = LESSONS;
  return (
    <aside class="invitation" aria-label="First lesson">
      <p>
        <b>New here?</b> The first lesson walks through this program in {first.steps.length} steps: {first.title}.
      </p>
      <button
        type="button"
        class="primary"
        onClick={() => {
          accept();
          void lessons.open(machine, first);
        }}
      >
        Start the lesson
      </button>
      <button type="button" class="quiet" onClick={accept}>
        No, thanks
      </button>
    </aside>
  );
}
