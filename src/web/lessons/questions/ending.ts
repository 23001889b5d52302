/** How a process ends. */
import { signalName } from '../../../abi/signal.ts';
import type { TimelineEvent } from '../../protocol.ts';
import { choose, processName, type QuestionKind } from './question.ts';

export const ending: QuestionKind = {
  make(asked) {
    const { now, later, events, pid, random } = asked;
    const isExit = (event: TimelineEvent): boolean => event.pid === pid && event.detail.kind === 'exit';
    const exit = later.events.find(isExit) ?? events.find(isExit);
    if (exit?.detail.kind !== 'exit' || exit.number <= now.position.event) return undefined;
    const { status, signal } = exit.detail;
    const right = signal === undefined ? exited(status ?? 0) : killed(signalName(signal));
    const wrong = [exited(0), exited(1), killed('SIGSEGV'), killed('SIGBUS'), exited(42)];
    const chosen = choose(random, right, wrong);
    if (chosen === undefined) return undefined;
    const name = processName(asked, pid);
    return {
      ...chosen,
      text: `How does ${name} end?`,
      truth: `${name[0].toUpperCase()}${name.slice(1)} ${right}: ${exit.text}`,
      look: { panel: 'calls', pid },
    };
  },
};

const exited = (status: number): string => `exits with ${status}`;
const killed = (signal: string): string => `is killed by ${signal}`;
