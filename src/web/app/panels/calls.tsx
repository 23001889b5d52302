/**
 * System calls in a lane per thread: a readable strace. The line is where the machine stands: what is below it happens
 * later. A click goes there.
 */
import { useComputed } from '@preact/signals';
import { hidesFuture } from '../future.ts';
import { useMachine } from '../machine-context.ts';
import { callHelp } from './call-help.ts';
import { type CallLane, type CallLanes, type CallRow, layOutCalls, rowsUntil, sleepsWithin } from './call-lanes.ts';
import { Panel } from './panel.tsx';
import { ProcessMark, processClass, processIndex } from './process-mark.tsx';
import { type Sight, VirtualList } from './virtual-list.tsx';
import './calls.css';

/** Of a row. */
const ROW_REM = 1.6;
const HEAD_REM = 1.7;
const LEAST_LANE_REM = 19;

export function CallsPanel() {
  const machine = useMachine();
  const calls = useComputed(() => layOutCalls(machine.events.value));
  const view = machine.view.value;
  if (view === undefined) return <Panel title="System calls">{null}</Panel>;
  const { rows, lanes } = calls.value;
  const done = rowsUntil(rows, view.position.event);
  const count = hidesFuture.value ? done : rows.length;
  const shown = hidesFuture.value ? lanes.filter(({ from }) => from < count) : lanes;
  /** By lane: the place of its process in order of birth, as everywhere. */
  const places = lanes.map(({ pid }, i) => {
    const found = processIndex(view, pid);
    return found >= 0 ? found : i;
  });
  const isPart = machine.events.value.length < view.end.event;
  const toSide = (index: number, by: 1 | -1): number | undefined => {
    for (let away = 1; away < rows.length; away++)
      for (const at of [index - away, index + away])
        if (at < count && (rows[at]?.lane ?? -1) === rows[index].lane + by) return at;
    return undefined;
  };
  return (
    <Panel
      title="System calls"
      class="calls-panel"
      isFixed
      aside={
        <span
          class="calls-count"
          title={
            isPart
              ? 'Of a run of so many events only some are described: those around the positions that it has stood at.'
              : undefined
          }
        >
          {isPart && 'part of a long run: '}
          {done.toLocaleString('en')}
          {hidesFuture.value ? '' : ` of ${rows.length.toLocaleString('en')}${view.isWhole ? '' : ' so far'}`}
        </span>
      }
    >
      {count === 0 ? (
        <p class="panel-empty">No system call has happened yet.</p>
      ) : (
        <div class="calls-lanes" style={{ '--lanes': shown.length, '--least': `${LEAST_LANE_REM}rem` }}>
          <VirtualList
            label="System calls by thread, in order of time"
            count={count}
            rowRem={ROW_REM}
            headRem={HEAD_REM}
            keep={Math.max(0, Math.min(count - 1, done - 1))}
            toSide={toSide}
            head={<Heads lanes={shown} places={places} />}
            behind={(sight) => (
              <Behind calls={{ rows, lanes: shown }} places={places} done={done} sight={sight} count={count} />
            )}
            row={(index, tabIndex) => (
              <Call
                key={index}
                row={rows[index]}
                index={index}
                tabIndex={tabIndex}
                place={places[rows[index].lane]}
                pid={lanes[rows[index].lane].pid}
                state={
                  index < done
                    ? index === done - 1
                      ? 'last'
                      : 'done'
                    : rows[index].from <= view.position.event
                      ? 'under-way'
                      : 'later'
                }
              />
            )}
          />
        </div>
      )}
    </Panel>
  );
}

function Heads({ lanes, places }: { readonly lanes: readonly CallLane[]; readonly places: readonly number[] }) {
  const machine = useMachine();
  const view = machine.view.value;
  return (
    <div class="calls-heads">
      {lanes.map(({ tid, pid, from }, i) => {
        const process = view?.processes.find((one) => one.pid === pid);
        const thread = process?.threads.find((one) => one.tid === tid);
        const lives = thread !== undefined && thread.state !== 'zombie' && thread.state !== 'gone';
        return (
          <div key={`${tid} ${from}`} class={`calls-head ${processClass(places[i])}`}>
            <button
              type="button"
              class="quiet"
              aria-pressed={view?.tid === tid}
              aria-disabled={!lives}
              title={lives ? `Select thread ${tid}: its registers, code and memory` : 'It does not live here'}
              onClick={() => lives && machine.selectThread(tid)}
            >
              <ProcessMark index={places[i]} /> <b>{pid}</b>
              {tid !== pid && <span>thread {tid}</span>} <span class="calls-comm">{process?.comm}</span>
            </button>
          </div>
        );
      })}
    </div>
  );
}

interface BehindProps {
  readonly calls: CallLanes;
  readonly places: readonly number[];
  /** Rows before the position. */
  readonly done: number;
  readonly count: number;
  readonly sight: Sight;
}

/** Lives and sleeps of threads, forks from lane to lane, and the line of the position. */
function Behind({ calls: { lanes, rows }, places, done, count, sight: { first, last, rowHeight } }: BehindProps) {
  const top = (row: number): string => `${row * rowHeight}px`;
  return (
    <div class="calls-behind" aria-hidden="true">
      {lanes.map((lane, i) => {
        const to = Math.min(lane.to ?? count - 1, last);
        const from = Math.max(lane.from, first);
        if (to < from) return null;
        return (
          <div key={`${lane.tid} ${lane.from}`} class={`calls-lane ${processClass(places[i])}`} style={{ '--lane': i }}>
            <div
              class="calls-life"
              style={{ top: top(from + (from === lane.from ? 0.5 : 0)), height: top(to - from + 0.5) }}
            />
            {sleepsWithin(lane.sleeps, first, last).map((sleep) => {
              const begin = Math.max(sleep.from, first);
              const end = Math.min(sleep.to ?? count - 1, last, count - 1);
              return (
                <div key={sleep.from} class="calls-sleep" style={{ top: top(begin), height: top(end - begin + 1) }}>
                  {end - begin > 1 && <span class="calls-sleep-text">sleeps</span>}
                </div>
              );
            })}
          </div>
        );
      })}
      {rows
        .slice(first, last + 1)
        .map(({ lane, child, event }, i) =>
          child === undefined || child >= lanes.length ? null : (
            <div
              key={event.number}
              class={`calls-fork ${processClass(places[child])}`}
              style={{ top: top(first + i + 0.5), '--lane': lane, '--span': child - lane }}
            />
          ),
        )}
      <div class="calls-now" style={{ top: top(done) }} />
    </div>
  );
}

interface CallProps {
  readonly row: CallRow;
  readonly index: number;
  readonly tabIndex: 0 | -1;
  readonly place: number;
  readonly pid: number;
  readonly state: 'done' | 'last' | 'under-way' | 'later';
}

function Call({ row, index, tabIndex, place, pid, state }: CallProps) {
  const machine = useMachine();
  const { text, name, error, kind, event, lane } = row;
  const help = name === undefined ? text : `${text}\n${callHelp(name)}`;
  return (
    <div class="calls-row" style={{ '--lane': lane }}>
      <button
        type="button"
        class={`call ${kind} ${state} ${processClass(place)}${error === undefined ? '' : ' failed'}`}
        data-row={index}
        tabIndex={tabIndex}
        aria-current={state === 'last' ? 'step' : undefined}
        title={`${help}\nevent ${event.number}`}
        onClick={() => void machine.goto({ event: event.number })}
      >
        <span class="visually-hidden">
          {pid}
          {state === 'later' ? ', later' : ''}:{' '}
        </span>
        <CallText text={text} name={name} />
      </button>
    </div>
  );
}

/** The name, the arguments, and the result apart. */
function CallText({ text, name }: { readonly text: string; readonly name: string | undefined }) {
  const end = text.lastIndexOf(' = ');
  const hasResult = name !== undefined && end > 0;
  const call = hasResult ? text.slice(0, end) : text;
  const result = hasResult ? text.slice(end) : '';
  const isPlain = name === undefined || !call.startsWith(name);
  return (
    <>
      <span class="call-what">
        {isPlain ? (
          call
        ) : (
          <>
            <b>{name}</b>
            {call.slice(name.length)}
          </>
        )}
      </span>
      {result !== '' && <span class="call-result">{result}</span>}
    </>
  );
}
