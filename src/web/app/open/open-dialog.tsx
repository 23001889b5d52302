/** Lessons, programs of the page, and what a user brings: three lists in one dialog. */
import { signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { Tabs } from '../tabs.tsx';
import { LessonList } from './lesson-list.tsx';
import { OwnList } from './own-list.tsx';
import { ProgramList } from './program-list.tsx';
import './open.css';

const SECTIONS = {
  lessons: { title: 'Lessons', component: LessonList },
  programs: { title: 'Programs', component: ProgramList },
  own: { title: 'Your own', component: OwnList },
} as const;
type SectionId = keyof typeof SECTIONS;

/** What was looked at last. */
const front = signal<SectionId>('lessons');

export function OpenDialog({ onClose }: { readonly onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  const close = (): void => dialog.current?.close();
  const Content = SECTIONS[front.value].component;
  return (
    <dialog
      class="open-dialog"
      ref={dialog}
      onClose={onClose}
      // A click beside it is a click on it, outside of what it holds.
      onClick={({ target }) => target === dialog.current && close()}
      onKeyDown={(event) => event.key === 'Escape' && close()}
      aria-labelledby="open-title"
    >
      <div class="open-body">
        <header class="open-head">
          <h2 id="open-title">Open</h2>
          <button type="button" class="quiet" aria-label="Close" onClick={close}>
            ✕
          </button>
        </header>
        <Tabs
          class="open-tabs"
          label="What to open"
          tabs={(Object.keys(SECTIONS) as SectionId[]).map((id) => ({ id, title: SECTIONS[id].title }))}
          front={front.value}
          onSelect={(id) => {
            front.value = id;
          }}
        >
          <Content close={close} />
        </Tabs>
      </div>
    </dialog>
  );
}
