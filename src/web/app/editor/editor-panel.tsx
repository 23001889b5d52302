/** The editor's place in the page. CodeMirror and all around it are loaded when it is first shown. */
import type { FunctionComponent } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { useMachine } from '../machine-context.ts';
import type { MachineStore } from '../machine-store.ts';
import { Panel } from '../panels/panel.tsx';

type EditorComponent = FunctionComponent<{ readonly machine: MachineStore }>;

let loaded: EditorComponent | undefined;

export function EditorPanel() {
  const machine = useMachine();
  const [Editor, setEditor] = useState<EditorComponent | undefined>(() => loaded);
  const [failure, setFailure] = useState<string>();
  useEffect(() => {
    if (loaded !== undefined) return;
    import('./editor.tsx').then(
      (module) => {
        loaded = module.Editor;
        setEditor(() => module.Editor);
      },
      (error: unknown) => setFailure(`the editor cannot be loaded: ${error instanceof Error ? error.message : error}`),
    );
  }, []);
  if (Editor !== undefined) return <Editor machine={machine} />;
  return (
    <Panel title="Editor">
      <p class="panel-note" role="status">
        {failure ?? 'Loading the editor…'}
      </p>
    </Panel>
  );
}
