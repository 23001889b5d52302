/** A question: choose, then see. What is true is said after either answer, and the machine goes there. */
import { useSignal } from '@preact/signals';
import { useEffect, useId, useRef } from 'preact/hooks';
import type { Question } from '../../lessons/questions/question.ts';
import { lessons } from './lesson-store.ts';
import { CodeText } from './pieces.tsx';

export function QuestionForm({ question }: { readonly question: Question }) {
  const name = useId();
  const answer = lessons.answer.value;
  const isAnswered = answer !== undefined;
  const picked = useSignal<number | undefined>(undefined);
  const feedback = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (isAnswered) feedback.current?.scrollIntoView({ block: 'nearest' });
  }, [isAnswered]);
  return (
    <div class="question">
      <fieldset>
        <legend>
          <span class="question-sign">Predict</span> <CodeText text={question.text} />
        </legend>
        {question.options.map((option, i) => (
          <label key={option} class={`option${isAnswered ? verdict(i, answer, question.right) : ''}`}>
            <input
              type="radio"
              name={name}
              checked={(answer ?? picked.value) === i}
              disabled={isAnswered}
              // A click answers. Arrow keys and Space, which come as clicks with detail 0, only pick.
              onClick={(event) => {
                if (event.detail > 0) void lessons.choose(i);
                else picked.value = i;
              }}
              onKeyDown={(event) => event.key === 'Enter' && void lessons.choose(i)}
            />
            <span>{option}</span>
            {isAnswered && i === question.right && <b class="option-sign">✓ right</b>}
            {isAnswered && i === answer && i !== question.right && <b class="option-sign">✗ your answer</b>}
          </label>
        ))}
      </fieldset>
      {picked.value !== undefined && !isAnswered && (
        <button type="button" class="primary" onClick={() => void lessons.choose(picked.value!)}>
          This is my answer
        </button>
      )}
      <div class="feedback" ref={feedback} role="status" aria-live="polite">
        {isAnswered && (
          <p class={answer === question.right ? 'good' : 'bad'}>
            <b>{answer === question.right ? 'Right. ' : 'Not so. '}</b>
            <CodeText text={question.truth} />
          </p>
        )}
      </div>
    </div>
  );
}

function verdict(option: number, answer: number, right: number): string {
  if (option === right) return ' right';
  return option === answer ? ' wrong' : ' other';
}
