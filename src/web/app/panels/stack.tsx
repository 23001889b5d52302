import { useMachine } from '../machine-context.ts';
import { Panel } from './panel.tsx';

export function StackPanel() {
  const machine = useMachine();
  return <Panel title="Stack">{String(machine.view.value?.position.instruction ?? '')}</Panel>;
}
