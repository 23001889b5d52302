/** What is open, and the dialog to choose something else: a lesson, a program of the page, or one of one's own. */
import { signal } from '@preact/signals';
import { lessons } from './lesson/lesson-store.ts';
import { useMachine } from './machine-context.ts';
import { OpenDialog } from './open/open-dialog.tsx';

/** Whether the dialog is open. */
export const isChoosing = signal(false);

export function OpenMenu() {
  const machine = useMachine();
  const lesson = lessons.lesson.value;
  const { value: spec } = machine.spec;
  const name = lesson?.title ?? spec?.path ?? 'nothing';
  const how = [spec?.asPrivate && 'private', spec?.seed && `seed ${spec.seed}`].filter((word) => word).join(', ');
  return (
    <>
      <button
        type="button"
        class="open-button"
        title="Open a lesson or a program"
        onClick={() => {
          isChoosing.value = true;
        }}
      >
        <span class="open-kind">{lesson === undefined ? 'Program' : 'Lesson'}</span>
        <b>{name}</b>
        {how !== '' && <span class="open-kind">{how}</span>}
        <span aria-hidden="true">▾</span>
      </button>
      {isChoosing.value && (
        <OpenDialog
          onClose={() => {
            isChoosing.value = false;
          }}
        />
      )}
    </>
  );
}
