import { useMachine } from '../machine-context.ts';
import { Panel } from './panel.tsx';

export function CodePanel() {
  const machine = useMachine();
  return <Panel title="Code">{String(machine.view.value?.position.instruction ?? '')}</Panel>;
}
