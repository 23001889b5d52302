/** The selected byte and what begins there, read as numbers; and, when asked, who wrote it last, with the way there. */
import { useEffect, useState } from 'preact/hooks';
import { hex } from '../../../base/ints.ts';
import type { MemoryModel, WriterModel } from '../../protocol.ts';
import { useMachine } from '../machine-context.ts';

type Answer = WriterModel | 'nobody' | 'asked' | { readonly problem: string } | undefined;

export function ByteInspector({ memory, address }: { readonly memory: MemoryModel; readonly address: bigint }) {
  const machine = useMachine();
  const view = machine.view.value;
  const [answer, setAnswer] = useState<Answer>(undefined);
  // biome-ignore lint/correctness/useExhaustiveDependencies: an answer is of one byte at one position
  useEffect(() => setAnswer(undefined), [address, view?.position.instruction, view?.position.event, view?.tid]);
  const offset = Number(address - memory.address);
  const view8 = new DataView(memory.bytes.buffer, memory.bytes.byteOffset, memory.bytes.byteLength);
  const has = (count: number): boolean => offset + count <= memory.bytes.length;
  const ask = async (): Promise<void> => {
    setAnswer('asked');
    try {
      setAnswer((await machine.whoWrote(address)) ?? 'nobody');
    } catch (error) {
      setAnswer({ problem: error instanceof Error ? error.message : String(error) });
    }
  };
  return (
    <div class="inspector">
      <p class="inspector-values">
        <b class="mono">{hex(address)}</b>
        <span title="8 bits, without and with a sign">
          byte {view8.getUint8(offset)}
          {view8.getInt8(offset) < 0 && ` / ${view8.getInt8(offset)}`}
        </span>
        {has(4) && <span title="32 bits, little-endian">dword {view8.getUint32(offset, true)}</span>}
        {has(8) && <span title="64 bits, little-endian">qword {hex(view8.getBigUint64(offset, true))}</span>}
      </p>
      <p role="status">
        {answer === undefined ? (
          <button type="button" class="small-button" onClick={() => void ask()}>
            Who wrote it?
          </button>
        ) : (
          <Writer answer={answer} />
        )}
      </p>
    </div>
  );
}

function Writer({ answer }: { readonly answer: Exclude<Answer, undefined> }) {
  const machine = useMachine();
  if (answer === 'asked') return <>Looking back…</>;
  if (answer === 'nobody') return <>Nobody has written it since the run began.</>;
  if ('problem' in answer) return <span class="memory-problem">{answer.problem}</span>;
  const { pid, tid, rip, by, position } = answer;
  const goThere = async (): Promise<void> => {
    if (await machine.goto(position)) machine.selectThread(tid);
  };
  return (
    <>
      {by === 'kernel' ? 'The kernel, for ' : ''}process {pid}
      {tid === pid ? '' : `, thread ${tid}`}, at <span class="mono">{hex(rip)}</span>, instruction{' '}
      {position.instruction.toLocaleString('en')}.{' '}
      <button type="button" class="small-button" onClick={() => void goThere()}>
        Go there
      </button>
    </>
  );
}
