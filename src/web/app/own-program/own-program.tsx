/** The ways in for the user's own files: a button, and the whole page as a place to drop them. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { LaunchDialog } from './launch-dialog.tsx';
import { takeFiles } from './own-program.ts';
import './own-program.css';

export function OwnProgram() {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <button
        type="button"
        title="Open a program of your own (ELF for x86-64 Linux), or an assembly source; or drop it anywhere"
        onClick={() => input.current?.click()}
      >
        Open file…
      </button>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        aria-label="Program or assembly source"
        onChange={({ currentTarget }) => {
          void takeFiles([...(currentTarget.files ?? [])]);
          // The same file can be chosen again.
          currentTarget.value = '';
        }}
      />
      <DropZone />
      <LaunchDialog />
    </>
  );
}

/** Files that are dragged over the page; text that is dragged, as in the editor, is not its affair. */
function DropZone() {
  const [isOver, setIsOver] = useState(false);
  useEffect(() => {
    const hasFiles = ({ dataTransfer }: DragEvent): boolean => dataTransfer?.types.includes('Files') ?? false;
    const onOver = (event: DragEvent): void => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      setIsOver(true);
    };
    const onLeave = (event: DragEvent): void => {
      if (event.relatedTarget === null) setIsOver(false);
    };
    const onDrop = (event: DragEvent): void => {
      setIsOver(false);
      if (!hasFiles(event)) return;
      // Before the editor makes text of it.
      event.preventDefault();
      event.stopPropagation();
      void takeFiles([...(event.dataTransfer?.files ?? [])]);
    };
    const capture = { capture: true };
    document.addEventListener('dragover', onOver, capture);
    document.addEventListener('dragleave', onLeave, capture);
    document.addEventListener('drop', onDrop, capture);
    return () => {
      document.removeEventListener('dragover', onOver, capture);
      document.removeEventListener('dragleave', onLeave, capture);
      document.removeEventListener('drop', onDrop, capture);
    };
  }, []);
  if (!isOver) return null;
  return (
    <div class="drop-zone" aria-hidden="true">
      <p>Drop a program (ELF, x86-64 Linux) or an assembly source</p>
    </div>
  );
}
