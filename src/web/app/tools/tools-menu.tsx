/** The menu of what can be done with the open program (tools.ts). */
import { useRef } from 'preact/hooks';
import { useMachine } from '../machine-context.ts';
import { TOOLS, type Tool } from './tools.ts';
import './tools.css';

export function ToolsMenu() {
  const machine = useMachine();
  const list = useRef<HTMLDivElement>(null);
  if (machine.view.value === undefined) return null;
  return (
    <>
      <button type="button" popovertarget="tools" class="tools-button">
        Try
      </button>
      <div id="tools" popover="auto" class="tools-list" ref={list}>
        {Object.entries<Tool>(TOOLS).map(([id, { title, help, run, whyNot }]) => {
          const reason = whyNot?.(machine);
          return (
            <button
              key={id}
              type="button"
              class="tool"
              disabled={reason !== undefined}
              onClick={() => {
                list.current?.hidePopover();
                run(machine);
              }}
            >
              <b>{title}</b>
              <span>{reason === undefined ? help : `Not here: ${reason}`}</span>
            </button>
          );
        })}
      </div>
    </>
  );
}
