/** Sessions and their process groups: setsid(2), setpgid(2), credentials(7). A group is the processes with its number. */

/** What the terminal's part of the kernel puts into a session: its file keeps the foreground group. */
export interface ControllingTerminal {
  /** The process group that may read, and gets the signals that keys make; 0 for none. */
  foregroundGroup: number;
  /** dev_t, as /proc/PID/stat has it. */
  readonly device: number;
  /** The leader of the session has ended. */
  leaderEnded(): void;
}

export class Session {
  /** The pid of the process that made it, which is its leader. */
  readonly id: number;
  /** Set when its leader opens one: tty_ioctl(4), TIOCSCTTY. */
  terminal: ControllingTerminal | undefined;

  constructor(id: number) {
    this.id = id;
  }
}
