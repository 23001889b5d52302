/** What all sockets of a machine share: names and ports. Nothing in here leaves the machine. network_namespaces(7). */
import type { Inode } from '../vfs/inode.ts';
import { Ports } from './ports.ts';
import { UnixCollector } from './unix-collector.ts';
import type { UnixSocket } from './unix-socket.ts';

export class Network {
  /** AF_UNIX: by type and abstract name. */
  readonly abstractNames = new Map<string, UnixSocket>();
  /** AF_UNIX: by the inode of a path. */
  readonly socketsOfInodes = new Map<Inode, UnixSocket>();
  readonly tcp: Ports = new Ports();
  readonly udp: Ports = new Ports();
  /** AF_NETLINK: port numbers that are taken. */
  readonly netlinkPorts = new Set<number>();
  readonly collector: UnixCollector = new UnixCollector();
  private _lastAutomatic = 0;

  /** An abstract name that nobody has: five hexadecimal digits. */
  nextAutomaticName(): string {
    this._lastAutomatic = (this._lastAutomatic + 1) & 0xf_ffff;
    return this._lastAutomatic.toString(16).padStart(5, '0');
  }
}
