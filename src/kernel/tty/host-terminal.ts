/** The host's terminal as one of the guest's, /dev/pts/0: keys are typed at its line discipline, output is shown as it is. */
import { EXTPROC, ICANON, VEOF } from '../../abi/termios.ts';
import type { Terminal } from '../../host/host.ts';
import type { Kernel } from '../kernel.ts';
import { USER_ID } from '../task/credentials.ts';
import { Tty, type TtyDriver } from './tty.ts';

export function hostTerminal(kernel: Kernel, terminal: Terminal): Tty {
  const driver: TtyDriver = {
    send: (bytes) => terminal.write(bytes),
    hasRoom: () => true,
    discard: () => {},
    // A key that makes a signal ends the typing: who reads has to take that first.
    wanted: () => {
      const { signalCount } = tty;
      while (!tty.line.isReadable(false) && tty.signalCount === signalCount && !tty.isOtherClosed && terminal.want());
    },
    happened: () => {},
    taken: () => {},
    changed: () => {},
    unused: () => {},
  };
  const tty = kernel.terminals.add((index) => new Tty(kernel, index, USER_ID, driver));
  const resize = () => tty.resize({ ...terminal.size(), xPixels: 0, yPixels: 0 });
  resize();
  terminal.onInput = (bytes) => {
    tty.line.receive(bytes);
    kernel.outside.arrived();
  };
  terminal.onResize = () => {
    resize();
    kernel.outside.arrived();
  };
  terminal.onHangUp = () => {
    tty.isOtherClosed = true;
    tty.hangUp();
    kernel.outside.arrived();
  };
  // As script(1) does it: the end of a file is typed, where somebody reads lines.
  terminal.onEnd = () => {
    const { lflag, cc } = tty.line.termios;
    if ((lflag & (ICANON | EXTPROC)) !== ICANON || cc[VEOF] === 0) {
      terminal.onHangUp!();
      return;
    }
    tty.line.receive(Uint8Array.of(cc[VEOF]));
    if (!tty.line.isReadable(false)) tty.line.receive(Uint8Array.of(cc[VEOF]));
    kernel.outside.arrived();
  };
  return tty;
}
