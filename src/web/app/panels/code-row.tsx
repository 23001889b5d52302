/** One row of the code panel: a source line or an instruction, who stands there, and the place for a breakpoint. */
import type { CodeLineModel, StopPointModel } from '../../protocol.ts';
import { useMachine } from '../machine-context.ts';
import { Assembly } from './assembly.tsx';
import type { CodeRow, Here } from './code-rows.ts';
import { ProcessMark, processClass } from './process-mark.tsx';

interface CodeRowProps {
  readonly row: CodeRow;
  readonly index: number;
  readonly tabIndex: 0 | -1;
  readonly here: ReadonlyMap<bigint | string, readonly Here[]>;
  readonly stops: readonly StopPointModel[];
  /** Undefined: any line may be stopped at. */
  readonly codeLines: ReadonlySet<number> | undefined;
}

export function CodeRowView({ row, index, tabIndex, here, stops, codeLines }: CodeRowProps) {
  switch (row.kind) {
    case 'file':
      return <div class="code-row code-heading mono">{row.file}</div>;
    case 'label':
      return <div class="code-row code-label mono">{row.name}:</div>;
    case 'source': {
      const { file, line, text } = row;
      const found = stops.filter((point) => point.file === file && point.line === line);
      const isCode = codeLines?.has(line) ?? true;
      const who = codeLines === undefined ? [] : (here.get(`${file}:${line}`) ?? []);
      return (
        <div
          class={`code-row source${codeLines === undefined ? ' heading' : ''} ${classOf(who)}`}
          aria-current={currentOf(who)}
        >
          <Gutter
            index={index}
            tabIndex={tabIndex}
            stops={found}
            what={`line ${line}`}
            place={{ file, line }}
            isCode={isCode}
          />
          <Marks who={who} />
          <span class="code-number">{line}</span>
          <code class="code-text">
            {text === undefined ? '' : <Assembly text={text.replaceAll('\t', '        ')} />}
          </code>
        </div>
      );
    }
    case 'instruction': {
      const { line } = row;
      const { address } = line;
      const who = here.get(address) ?? [];
      const found = stops.filter((point) => point.address === address);
      const what = `0x${address.toString(16)}`;
      return (
        <div class={`code-row instruction ${classOf(who)}`} aria-current={currentOf(who)}>
          <Gutter index={index} tabIndex={tabIndex} stops={found} what={what} place={{ address }} isCode />
          <Marks who={who} />
          <span class="code-number">{address.toString(16)}</span>
          <span class="code-bytes">{[...line.bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(' ')}</span>
          <code class="code-text">
            <InstructionText line={line} tabIndex={tabIndex} />
          </code>
        </div>
      );
    }
  }
}

const classOf = (who: readonly Here[]): string =>
  who.length === 0
    ? ''
    : who.some(({ isSelected }) => isSelected)
      ? `here selected ${processClass(who.find(({ isSelected }) => isSelected)!.index)}`
      : `here ${processClass(who[0].index)}`;
const currentOf = (who: readonly Here[]): 'true' | undefined =>
  who.some(({ isSelected }) => isSelected) ? 'true' : undefined;

function Marks({ who }: { readonly who: readonly Here[] }) {
  const text = who.map(({ pid, tid }) => (tid === pid ? `process ${pid}` : `thread ${tid}`)).join(', ');
  return (
    <span class="code-marks" title={who.length === 0 ? undefined : `${text} ${who.length === 1 ? 'is' : 'are'} here`}>
      {who.slice(0, 3).map(({ tid, index }) => (
        <ProcessMark key={tid} index={index} />
      ))}
      {who.length > 0 && <span class="visually-hidden">{text}: </span>}
    </span>
  );
}

interface GutterProps {
  readonly index: number;
  readonly tabIndex: 0 | -1;
  readonly stops: readonly StopPointModel[];
  readonly what: string;
  readonly place: { readonly address: bigint } | { readonly file: string; readonly line: number };
  readonly isCode: boolean;
}

/** The place for a breakpoint: a button that sets one or takes it away. */
function Gutter({ index, tabIndex, stops, what, place, isCode }: GutterProps) {
  const machine = useMachine();
  const points = stops.filter(({ kind }) => kind === 'breakpoint');
  const isSet = points.length > 0;
  const toggle = async (): Promise<void> => {
    if (!isSet) await machine.addBreakpoint(place);
    for (const { id } of points) await machine.removeStopPoint(id);
  };
  return (
    <button
      type="button"
      class={`code-gutter${isSet ? (points.some(({ isEnabled }) => isEnabled) ? ' set' : ' set off') : ''}`}
      data-row={index}
      tabIndex={tabIndex}
      aria-pressed={isSet}
      aria-disabled={!isCode && !isSet}
      aria-label={`Breakpoint at ${what}`}
      title={isSet ? `Remove the breakpoint at ${what}` : isCode ? `Stop at ${what}` : 'No code here'}
      onClick={() => (isCode || isSet) && void toggle()}
    >
      <svg viewBox="0 0 10 10" aria-hidden="true">
        <circle cx="5" cy="5" r="4" />
      </svg>
    </button>
  );
}

/** A jump's target is a link to the code there. */
function InstructionText({ line, tabIndex }: { readonly line: CodeLineModel; readonly tabIndex: 0 | -1 }) {
  const machine = useMachine();
  const { text, target, targetAddress } = line;
  const number = targetAddress === undefined ? '' : `0x${targetAddress.toString(16)}`;
  const isJump = targetAddress !== undefined && text.endsWith(number) && !text.includes('[');
  if (!isJump) return (
    <>
      <Assembly text={text} />
      {target !== undefined && <span class="asm-comment"> ; {target}</span>}
    </>
  ); // biome-ignore format: short
  return (
    <>
      <Assembly text={text.slice(0, -number.length)} />
      <button
        type="button"
        class="address code-target"
        tabIndex={tabIndex}
        title={`Show the code at ${number}`}
        onClick={() => machine.showCode(targetAddress)}
      >
        {target ?? number}
      </button>
    </>
  );
}
