/** The stack of the selected thread, from RSP up: words, what they mean, and which of them the last move changed. */
import { useMachine } from '../machine-context.ts';
import { Address, useIsMapped } from './address.tsx';
import { Panel } from './panel.tsx';
import './stack.css';

export function StackPanel() {
  const machine = useMachine();
  const view = machine.view.value;
  const before = machine.previous.value;
  const isMapped = useIsMapped();
  const words = view?.stack ?? [];
  const isSame = before?.pid === view?.pid && before?.tid === view?.tid;
  const old = new Map(isSame ? before?.stack.map(({ address, value }) => [address, value]) : []);
  const rbp = view?.registers?.general.find(({ name }) => name === 'rbp')?.value;
  return (
    <Panel title="Stack" class="stack-panel">
      {words.length === 0 ? (
        <p class="panel-empty">
          {view?.registers === undefined
            ? 'The thread has ended: it has no stack any more.'
            : 'RSP points at no memory.'}
        </p>
      ) : (
        <table class="stack">
          <thead class="visually-hidden">
            <tr>
              <th>Address</th>
              <th>From RSP</th>
              <th>Value</th>
              <th>Meaning</th>
            </tr>
          </thead>
          <tbody>
            {words.map(({ address, offset, value, note, role }) => {
              const was = old.get(address);
              const isChanged = was !== undefined && was !== value;
              const text = value.toString(16);
              return (
                <tr
                  key={address}
                  class={`${offset === 0 ? 'at-rsp' : ''}${isChanged ? ' is-changed' : ''}`}
                  title={isChanged ? `before: 0x${was.toString(16)}` : undefined}
                >
                  <td class="stack-address">
                    <Address value={address}>{address.toString(16)}</Address>
                  </td>
                  <td class="stack-offset">
                    {offset === 0 ? <b>rsp</b> : `+${offset.toString(16)}`}
                    {address === rbp && <b> rbp</b>}
                  </td>
                  <td class="stack-value">
                    <span class="stack-sign">{isChanged ? '•' : ' '}</span>
                    {isChanged && <span class="visually-hidden">changed: </span>}
                    {isMapped(value) ? <Address value={value}>{text}</Address> : text}
                  </td>
                  <td class="stack-note">
                    {role !== undefined && <span class="stack-role">{role}</span>} {note}
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      )}
    </Panel>
  );
}
