/** The lesson at hand: what to look at, what to predict, and the way on. */
import { useEffect, useRef } from 'preact/hooks';
import type { Lesson, Step } from '../../lessons/lesson.ts';
import { layout } from '../layout.ts';
import { useMachine } from '../machine-context.ts';
import { Panel } from '../panels/panel.tsx';
import { PANELS } from '../panels/records.ts';
import { lessons } from './lesson-store.ts';
import { Offers } from './offers.tsx';
import { Pieces } from './pieces.tsx';
import { QuestionForm } from './question-form.tsx';
import './lesson.css';

export function LessonPanel() {
  const lesson = lessons.lesson.value;
  return (
    <Panel
      title={lesson === undefined ? 'Question' : 'Lesson'}
      class="lesson-panel"
      aside={
        <button type="button" class="quiet small" onClick={() => lessons.close()} aria-label="Close the lesson">
          ✕
        </button>
      }
    >
      <div class="lesson">{lesson === undefined ? <Quiz /> : <Tour lesson={lesson} />}</div>
    </Panel>
  );
}

function Tour({ lesson }: { readonly lesson: Lesson }) {
  const index = lessons.index.value;
  const step = lesson.steps[index];
  const posed = lessons.posed.value;
  const head = useRef<HTMLHeadingElement>(null);
  const isFirst = useRef(true);

  // Who reads with a screen reader hears the step that has come; the start of the lesson takes no focus away.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the focus moves when another step comes
  useEffect(() => {
    if (!isFirst.current) head.current?.focus();
    isFirst.current = false;
  }, [lesson, index]);
  const isLast = index === lesson.steps.length - 1;
  const isWaiting = posed !== undefined && lessons.answer.value === undefined;
  return (
    <>
      <header class="lesson-head">
        <p class="lesson-title">{lesson.title}</p>
        <progress class="visually-hidden" value={index + 1} max={lesson.steps.length} aria-label="Steps">
          step {index + 1} of {lesson.steps.length}
        </progress>
        <ol class="dots">
          {lesson.steps.map(({ title }, i) => (
            <li key={title}>
              <button
                type="button"
                class={`dot${i < index ? ' done' : ''}`}
                aria-current={i === index ? 'step' : undefined}
                aria-label={`Step ${i + 1}: ${title}`}
                title={`${i + 1}. ${title}`}
                disabled={lessons.isBusy.value}
                onClick={() => void lessons.goTo(i)}
              />
            </li>
          ))}
        </ol>
      </header>
      {index === 0 && <p class="lesson-about">{lesson.about}</p>}
      <h3 ref={head} tabIndex={-1}>
        {step.title}
      </h3>
      {lessons.words.value.length === 0 ? (
        <p class="soft">The machine goes there…</p>
      ) : (
        <p class="lesson-text">
          <Pieces of={lessons.words.value} />
        </p>
      )}
      {posed !== undefined && <QuestionForm key={`${lesson.id} ${index}`} question={posed.question} />}
      <Look panel={step.bring} />
      <Offers offer={step.offer} />
      <Message />
      <nav class="lesson-nav" aria-label="Steps of the lesson">
        <button type="button" disabled={index === 0 || lessons.isBusy.value} onClick={() => void lessons.back()}>
          Back
        </button>
        <span class="soft">
          {index + 1} of {lesson.steps.length}
        </span>
        {isLast ? (
          <Finish lesson={lesson} />
        ) : (
          <button
            type="button"
            class={isWaiting ? '' : 'primary'}
            disabled={lessons.isBusy.value}
            onClick={() => void lessons.next()}
          >
            {isWaiting ? 'Skip' : 'Next'}
          </button>
        )}
      </nav>
    </>
  );
}

/** On a narrow screen, and for what shares its place with the lesson, the step's panel is a click away. */
function Look({ panel }: { readonly panel: Step['bring'] }) {
  if (panel === undefined) return null;
  const isBeside = PANELS[panel].group !== PANELS.lesson.group;
  return (
    <button type="button" class={`look${isBeside ? ' only-narrow' : ''}`} onClick={() => layout.bring(panel)}>
      Look at: {PANELS[panel].title}
    </button>
  );
}

function Finish({ lesson }: { readonly lesson: Lesson }) {
  const score = Object.values(lessons.scores.value[lesson.id] ?? {});
  const asked = lesson.steps.filter(({ predict }) => predict !== undefined).length;
  return (
    <span class="score">
      <b>{score.filter((isRight) => isRight).length}</b> of {asked} predicted
    </span>
  );
}

function Quiz() {
  const machine = useMachine();
  const posed = lessons.posed.value;
  return (
    <>
      <p class="lesson-title">A question about this place</p>
      {posed === undefined && lessons.message.value === undefined && <p class="soft">Looking ahead…</p>}
      {posed !== undefined && <QuestionForm key={posed.question.text} question={posed.question} />}
      <Message />
      <nav class="lesson-nav" aria-label="Question">
        <span />
        <button
          type="button"
          class={lessons.answer.value === undefined ? '' : 'primary'}
          disabled={lessons.isBusy.value}
          onClick={() => void lessons.quiz(machine)}
        >
          Another question
        </button>
      </nav>
    </>
  );
}

const Message = () =>
  lessons.message.value === undefined ? null : (
    <p class="status-error" role="alert">
      {lessons.message.value}
    </p>
  );
