/** The steps of the page fault that the machine stands at: Back and Next, by button or by the left and right keys. */
import { type FaultEvent, type StageId, stagesOf, TITLES } from './stages.ts';

interface StepperProps {
  readonly event: FaultEvent;
  /** Which the picture shows. */
  readonly stage: StageId;
  /** Where the machine itself stands. */
  readonly actual: StageId;
  /** What is later than the machine stays hidden. */
  readonly hidesLater: boolean;
  readonly text: string;
  readonly isWaiting: boolean;
  readonly onStage: (stage: StageId) => void;
}

export function Stepper({ event, stage, actual, hidesLater, text, isWaiting, onStage }: StepperProps) {
  const { detail, number, pid } = event;
  const all = stagesOf(detail);
  const stages = hidesLater ? all.slice(0, all.indexOf(actual) + 1) : all;
  const index = stages.indexOf(stage);
  const go = (to: number): void => {
    if (to >= 0 && to < stages.length) onStage(stages[to]);
  };
  return (
    <section
      class={`stepper${detail.cause === 'copy-on-write break' ? ' cow' : ''}`}
      aria-label={`Steps of the page fault: ${detail.cause}`}
      data-stage={stage}
      onKeyDown={(pressed) => {
        if (pressed.key !== 'ArrowLeft' && pressed.key !== 'ArrowRight') return;
        pressed.preventDefault();
        pressed.stopPropagation();
        go(index + (pressed.key === 'ArrowRight' ? 1 : -1));
      }}
    >
      <div class="stepper-head">
        <span class="stepper-title">
          <b>{detail.cause}</b>{' '}
          <span class="soft">
            of {pid}, event {number}
          </span>
        </span>
        <button type="button" aria-disabled={index === 0} onClick={() => go(index - 1)}>
          Back
        </button>
        <ol class="stepper-stages">
          {stages.map((one, i) => (
            <li key={one}>
              <button
                type="button"
                aria-pressed={one === stage}
                class={one === actual ? 'actual' : ''}
                title={`${TITLES[one]}${one === actual ? ': here the machine stands' : ''}`}
                onClick={() => go(i)}
              >
                {i + 1}
                <span class="visually-hidden"> {TITLES[one]}</span>
              </button>
            </li>
          ))}
        </ol>
        <button type="button" aria-disabled={index === stages.length - 1} onClick={() => go(index + 1)}>
          Next
        </button>
      </div>
      <p class="stepper-text" aria-live="polite">
        {isWaiting ? 'Going there and back…' : text}
      </p>
    </section>
  );
}
