import { useMachine } from '../machine-context.ts';
import { Panel } from './panel.tsx';

export function CallsPanel() {
  const machine = useMachine();
  return <Panel title="Calls">{String(machine.view.value?.position.instruction ?? '')}</Panel>;
}
