/**
 * Explore schedules: the open program under many seeds, and the distribution of what comes of it. A bar or a row opens the
 * run that it stands for.
 */
import { useComputed, useSignal } from '@preact/signals';
import { useEffect, useRef, useState } from 'preact/hooks';
import { distributionOf, outcomeText } from '../../model/distribution.ts';
import { useMachine } from '../machine-context.ts';
import { DistributionChart } from './distribution-chart.tsx';
import { Exploration, limits } from './exploration.ts';
import './explore.css';

const COUNTS = [20, 100, 500, 2000] as const;
/** Rows of the table. */
const MOST_ROWS = 100;

export function ExploreDialog({ onClose }: { readonly onClose: () => void }) {
  const machine = useMachine();
  const dialog = useRef<HTMLDialogElement>(null);
  const count = useSignal<number>(COUNTS[1]);
  const [exploration] = useState(() => new Exploration(machine.spec.peek()!));
  const distribution = useComputed(() => distributionOf(exploration.outcomes.value));
  useEffect(() => {
    dialog.current?.showModal();
    return () => exploration.dispose();
  }, [exploration]);
  const { spec, state, runs, outcomes, message } = exploration;
  const isRunning = state.value === 'running';
  const open = (seed: number): void => {
    dialog.current?.close();
    // Runs of a campaign have had no other input than this.
    void machine.open({ ...spec, seed, stdin: spec.stdin ?? '' });
  };
  return (
    <dialog class="explore" ref={dialog} onClose={onClose} aria-labelledby="explore-title">
      <div class="explore-body">
        <header class="explore-head">
          <h2 id="explore-title">
            Schedules of <code>{spec.path}</code>
          </h2>
          <button type="button" class="quiet" aria-label="Close" onClick={() => dialog.current?.close()}>
            ✕
          </button>
        </header>
        <p class="explore-about">
          Each seed is another interleaving: other lengths of time slices, others who go on after a fork and a wake-up.
          The same seed is the same run, always.
        </p>
        <div class="explore-controls">
          <label>
            Runs{' '}
            <select
              value={count.value}
              disabled={isRunning}
              onChange={({ currentTarget }) => {
                count.value = Number(currentTarget.value);
              }}
            >
              {COUNTS.map((one) => (
                <option key={one} value={one}>
                  {one.toLocaleString('en')}
                </option>
              ))}
            </select>
          </label>
          {isRunning ? (
            <button type="button" onClick={() => exploration.stop()}>
              Stop
            </button>
          ) : (
            <button type="button" class="primary" onClick={() => void exploration.start(count.value)}>
              {runs.value === 0 ? 'Explore' : 'Explore again'}
            </button>
          )}
          {state.value !== 'ready' && (
            <progress value={runs.value} max={count.value} aria-label="Runs done">
              {runs.value} of {count.value}
            </progress>
          )}
          <span role="status" class="explore-state">
            {state.value !== 'ready' &&
              `${plural(runs.value, 'run')}, ${plural(outcomes.value.length, 'outcome')}${state.value === 'stopped' ? ', stopped' : ''}`}
          </span>
        </div>
        {message.value !== undefined && <p class="status-error">{message.value}</p>}
        {runs.value > 0 && (
          <>
            <DistributionChart distribution={distribution.value} runs={runs.value} open={open} />
            <table class="explore-table">
              <caption class="visually-hidden">Outcomes, the most common first</caption>
              <thead>
                <tr>
                  <th scope="col">Runs</th>
                  <th scope="col">Share</th>
                  <th scope="col">Outcome</th>
                  <th scope="col">Seed</th>
                </tr>
              </thead>
              <tbody>
                {outcomes.value.slice(0, MOST_ROWS).map(({ outcome, count: times, seed }) => (
                  <tr key={seed}>
                    <td>{times}</td>
                    <td>{((100 * times) / runs.value).toFixed(1)}%</td>
                    <td>
                      <code>{outcomeText(outcome)}</code>
                      {outcome.waiting?.map((who) => (
                        <code key={who} class="explore-waiting">
                          {who}
                        </code>
                      ))}
                    </td>
                    <td>
                      <button type="button" class="small" onClick={() => open(seed)}>
                        Open seed {seed}
                      </button>
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
            {outcomes.value.length > MOST_ROWS && (
              <p class="explore-about">and {plural(outcomes.value.length - MOST_ROWS, 'outcome')} more.</p>
            )}
          </>
        )}
        <p class="explore-about">
          A run ends after {(limits.maxInstructions / 1e9).toLocaleString('en')} billion instructions or{' '}
          {limits.timeout} seconds at the latest.{' '}
          {spec.stdin === undefined && 'What a run reads from standard input is empty: nobody types.'}
        </p>
      </div>
    </dialog>
  );
}

const plural = (n: number, word: string): string => `${n.toLocaleString('en')} ${word}${n === 1 ? '' : 's'}`;
