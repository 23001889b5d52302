import { useMachine } from '../machine-context.ts';
import { Panel } from './panel.tsx';

export function StopsPanel() {
  const machine = useMachine();
  return <Panel title="Stops">{String(machine.view.value?.position.instruction ?? '')}</Panel>;
}
