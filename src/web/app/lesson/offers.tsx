/** What a step offers besides: another look at the same program. */
import type { Step } from '../../lessons/lesson.ts';
import { useMachine } from '../machine-context.ts';
import { TOOLS, type Tool } from '../tools/tools.ts';

export function Offers({ offer }: { readonly offer: Step['offer'] }) {
  const machine = useMachine();
  if (offer === undefined) return null;
  const tool = (TOOLS as Readonly<Record<string, Tool>>)[offer];
  if (tool === undefined) return null;
  const { title, run } = tool;
  return (
    <div class="offers">
      <button type="button" onClick={() => run(machine)}>
        {title}
      </button>
    </div>
  );
}
