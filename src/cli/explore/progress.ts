/** A bar on standard error while a campaign runs; nothing when that is not a terminal. */
import { Presets, SingleBar } from 'cli-progress';

export interface Progress {
  at(runs: number, outcomes: number): void;
  end(): void;
}

const FORMAT = '{bar} {value}/{total} runs, {outcomes} outcomes, {eta_formatted} left';

/** The same of a search, whose end nobody knows. */
export function showSearch(): Progress {
  const { stderr } = process;
  if (!stderr.isTTY) return { at() {}, end() {} };
  return {
    at: (runs, outcomes) => void stderr.write(`\r${runs} runs, ${outcomes} outcomes`),
    end: () => void stderr.write('\r\x1b[K'),
  };
}

export function showProgress(total: number): Progress {
  if (!process.stderr.isTTY) return { at() {}, end() {} };
  const bar = new SingleBar(
    { format: FORMAT, stream: process.stderr, clearOnComplete: true, gracefulExit: false, etaBuffer: 50 },
    Presets.shades_classic,
  );
  bar.start(total, 0, { outcomes: 0 });
  return {
    at: (runs, outcomes) => bar.update(runs, { outcomes }),
    end: () => bar.stop(),
  };
}
