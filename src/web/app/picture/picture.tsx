import { useMachine } from '../machine-context.ts';
import { Panel } from '../panels/panel.tsx';

export function PicturePanel() {
  const { view } = useMachine();
  return (
    <Panel title="Address spaces and frames">
      <pre>{view.value?.processes.map(({ pid, stateText }) => `${pid} ${stateText}`).join('\n')}</pre>
    </Panel>
  );
}
