/** What happens at the next instruction: nothing, a fault that the kernel resolves, or one that it cannot. */
import type { EventDetail, TimelineEvent } from '../../protocol.ts';
import { ordered, processName, type QuestionKind } from './question.ts';

type Fault = Extract<EventDetail, { kind: 'fault' }>;

const NOTHING = 'no fault: the entry allows it';
const KILLED = 'a fault that nothing can resolve: a signal';
const OPTIONS = {
  'demand zero': 'a fault; the page gets a new frame of zeros',
  'copy-on-write break': 'a fault; the writer gets a frame of its own',
  'file page': 'a fault; the page is found in a file, and mapped',
  'shared page': 'a fault; others have the page already, and it is mapped',
  'zero page': 'a fault; the page is lent the one frame of zeros',
} as const satisfies Readonly<Record<Fault['cause'], string>>;
const CAUSES = Object.keys(OPTIONS) as Fault['cause'][];
/** Those that are always to choose from. */
const USUAL: ReadonlySet<Fault['cause']> = new Set(['demand zero', 'copy-on-write break']);

export const next: QuestionKind = {
  make(asked) {
    const { now, later, pid } = asked;
    const line = now.code.find(({ address }) => address === now.registers?.rip);
    // A call asks the kernel, whatever its memory does.
    if (line === undefined || now.pid !== pid || line.text.startsWith('syscall')) return undefined;
    const own = later.events.filter((event) => event.pid === pid);
    const fault = own.find(({ detail }) => detail.kind === 'fault' || isOfFault(detail));
    const right = fault === undefined ? NOTHING : fault.detail.kind === 'fault' ? OPTIONS[fault.detail.cause] : KILLED;
    const listed = CAUSES.filter((cause) => OPTIONS[cause] === right || USUAL.has(cause));
    return {
      ...ordered([NOTHING, ...listed.map((cause) => OPTIONS[cause]), KILLED], right),
      text: `${processName(asked, pid).replace(/^./, (letter) => letter.toUpperCase())} executes \`${line.text}\`. What happens?`,
      truth: truth(fault),
      look: { panel: fault === undefined ? 'picture' : 'faults', pid },
    };
  },
};

const isOfFault = (detail: EventDetail): boolean =>
  detail.kind === 'signal' && (detail.name === 'SIGSEGV' || detail.name === 'SIGBUS') && detail.code > 0;

function truth(fault: TimelineEvent | undefined): string {
  if (fault === undefined) return 'No fault: the walk ended in a frame, and every entry on its way allowed the access.';
  const meaning = fault.detail.kind === 'fault' ? OPTIONS[fault.detail.cause] : KILLED;
  return `${meaning.replace(/^./, (letter) => letter.toUpperCase())}. The kernel says: ${fault.text}.`;
}
