/** The whole page as a place to drop files on, and the dialog for what was dropped, or chosen in the menu. */
import { useEffect, useState } from 'preact/hooks';
import { LaunchDialog } from './launch-dialog.tsx';
import { takeFiles } from './own-program.ts';
import './own-program.css';

export function OwnProgram() {
  return (
    <>
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
