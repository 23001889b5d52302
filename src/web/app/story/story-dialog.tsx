/** The story of the open program as one file of HTML: made in a worker of its own, and saved. */
import { useSignal } from '@preact/signals';
import { wrap } from 'comlink';
import { useEffect, useRef } from 'preact/hooks';
import type { StoryTeller } from '../../worker/story.ts';
import { useMachine } from '../machine-context.ts';
import type { MachineStore } from '../machine-store.ts';
import { saveFile } from '../picture/export.ts';
import { sourceTexts } from '../source-texts.ts';
import './story.css';

type State =
  | { readonly kind: 'telling' }
  | { readonly kind: 'told'; readonly html: string }
  | { readonly kind: 'failed'; readonly message: string };

export function StoryDialog({ onClose }: { readonly onClose: () => void }) {
  const machine = useMachine();
  const dialog = useRef<HTMLDialogElement>(null);
  const state = useSignal<State>({ kind: 'telling' });
  const name = `${machine.spec.peek()!.path.replaceAll('/', '_')}-story.html`;
  useEffect(() => {
    dialog.current?.showModal();
    const worker = new Worker(new URL('../../worker/story.ts', import.meta.url), { type: 'module' });
    let isWanted = true;
    tell(machine, worker).then(
      (html) => {
        if (!isWanted) return;
        state.value = { kind: 'told', html };
        saveFile(name, 'text/html', html);
      },
      (error: unknown) => {
        state.value = { kind: 'failed', message: error instanceof Error ? error.message : String(error) };
      },
    );
    return () => {
      isWanted = false;
      worker.terminate();
    };
  }, [machine, name, state]);
  const now = state.value;
  return (
    <dialog class="story" ref={dialog} onClose={onClose} aria-labelledby="story-title">
      <h2 id="story-title">
        The story of <code>{machine.spec.value?.path}</code>
      </h2>
      <p role="status">
        {now.kind === 'telling' && 'The program runs again, and what happens in its page tables is written down…'}
        {now.kind === 'told' && (
          <>
            Saved as <code>{name}</code>, {Math.ceil(now.html.length / 1024)} KiB: one file, with its pictures, that
            needs nothing else.
          </>
        )}
        {now.kind === 'failed' && <span class="status-error">{now.message}</span>}
      </p>
      {now.kind === 'telling' && <progress aria-label="Telling" />}
      <div class="story-buttons">
        {now.kind === 'told' && (
          <button type="button" onClick={() => saveFile(name, 'text/html', now.html)}>
            Save again
          </button>
        )}
        <button type="button" class="primary" onClick={() => dialog.current?.close()}>
          {now.kind === 'telling' ? 'Stop' : 'Close'}
        </button>
      </div>
    </dialog>
  );
}

async function tell(machine: MachineStore, worker: Worker): Promise<string> {
  const spec = machine.spec.peek()!;
  const files = await machine.ask((session) => session.sourceFiles());
  const texts = await Promise.all(
    files.map(async (path) => [path, (await sourceTexts.whenThere(path)) ?? []] as const),
  );
  const typed = (machine.view.peek()?.typed ?? []).map(({ bytes }) => bytes);
  const stdin = spec.stdin === undefined ? new Uint8Array(await new Blob(typed.map((bytes) => bytes.slice())).arrayBuffer()) : new TextEncoder().encode(spec.stdin); // biome-ignore format: one line
  return await wrap<StoryTeller>(worker).tell({ spec, stdin, sources: Object.fromEntries(texts) });
}
