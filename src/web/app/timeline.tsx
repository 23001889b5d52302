/**
 * The slider over the whole run, as far as it is known: by events, which are what there is to see, or by instructions, which
 * are where time goes. Marks stand for forks, faults, writes, signals and exits, each kind with a shape of its own.
 */
import { signal, useComputed } from '@preact/signals';
import type { TimelineEvent } from '../protocol.ts';
import { hidesFuture } from './future.ts';
import { useMachine } from './machine-context.ts';
import { type MarkKind, markOf } from './marks.ts';
import './timeline.css';

const scale = signal<'events' | 'instructions'>('events');
/** Marks that are drawn: of more, evenly chosen ones. */
const MOST_MARKS = 400;

export function Timeline() {
  const machine = useMachine();
  const view = machine.view.value;
  // What is later would tell the answer of a prediction that is open.
  const marks = useComputed(() =>
    chooseMarks(machine.events.value).filter(
      ({ event }) => !hidesFuture.value || event.number <= (machine.view.value?.position.event ?? 0),
    ),
  );
  if (view === undefined) return <div class="timeline" />;
  const byEvents = scale.value === 'events';
  const { position, end } = view;
  const [now, last] = byEvents ? [position.event, end.event] : [position.instruction, end.instruction];
  const first = byEvents ? 1 : 0;
  const place = (event: TimelineEvent): number =>
    last <= first ? 0 : ((byEvents ? event.number : event.instruction) - first) / (last - first);
  const text = `event ${position.event} of ${end.event}${view.isWhole ? '' : ' so far'}, instruction ${position.instruction.toLocaleString('en')}`;
  return (
    <div class="timeline">
      <div class="timeline-track">
        <svg class="timeline-marks" aria-hidden="true" preserveAspectRatio="none">
          {marks.value.map(({ event, kind }) => (
            <Mark key={event.number} kind={kind} at={place(event)} isLater={event.number > position.event} />
          ))}
        </svg>
        <input
          type="range"
          aria-label="Position in the run"
          aria-valuetext={text}
          min={first}
          max={Math.max(last, first + 1)}
          value={now}
          onInput={({ currentTarget }) => {
            const wanted = Number(currentTarget.value);
            machine.seek(byEvents ? { event: wanted } : { instruction: wanted });
          }}
        />
      </div>
      <button
        type="button"
        class="quiet timeline-scale"
        title="What the slider counts"
        onClick={() => {
          scale.value = byEvents ? 'instructions' : 'events';
        }}
      >
        by {scale.value}
      </button>
      <span class="timeline-text mono">
        <b>#{position.event}</b>
        <span class="soft">
          /{end.event}
          {view.isWhole ? '' : '+'}
        </span>{' '}
        <span title="Instructions retired by the whole machine">{position.instruction.toLocaleString('en')}</span>
      </span>
    </div>
  );
}

function chooseMarks(events: readonly TimelineEvent[]): { event: TimelineEvent; kind: MarkKind }[] {
  const marks = events.flatMap((event) => {
    const kind = markOf(event);
    return kind === undefined ? [] : [{ event, kind }];
  });
  const every = Math.ceil(marks.length / MOST_MARKS);
  return every <= 1 ? marks : marks.filter((_, i) => i % every === 0);
}

function Mark({ kind, at, isLater }: { readonly kind: MarkKind; readonly at: number; readonly isLater: boolean }) {
  return (
    // biome-ignore lint/a11y/noSvgWithoutTitle: all marks are hidden from screen readers, who have the slider itself
    <svg x={`${at * 100}%`} y="50%" overflow="visible" class={`mark ${kind}${isLater ? ' later' : ''}`}>
      <path d={SHAPES[kind]} />
    </svg>
  );
}

const SHAPES: Readonly<Record<MarkKind, string>> = {
  fork: 'M0 5V0L-3.5 -5M0 0L3.5 -5',
  fault: 'M0 -4L4 4H-4Z',
  cow: 'M0 -5L5 0L0 5L-5 0Z',
  write: 'M-3 -3H3V3H-3Z',
  signal: 'M1 -5L-3 1H0L-1 5L3 -1H0Z',
  exit: 'M-4 -4L4 4M4 -4L-4 4',
  call: 'M0 -2V2',
};
