/** TCP ports of this computer alone; one is handed to the gdb server connection by connection. */
import { createServer, type Server, type Socket } from 'node:net';
import { UsageError } from '../base/invariant.ts';
import type { GdbServer } from '../gdb/server.ts';

/** Never another interface: whoever can connect can do with the guest what he likes. */
export const LOOPBACK = '127.0.0.1';

export interface Listener {
  readonly port: number;
  /** No more connections, and those that are there end. */
  close(): void;
}

/** `onLeave`: the client that was served has gone. UsageError: the port cannot be had. */
export function listen(server: GdbServer, port: number, onLeave: () => void): Promise<Listener> {
  const sockets = new Set<Socket>();
  const listener = createServer({ noDelay: true }, (socket) => {
    const client = server.connect({ write: (bytes) => void socket.write(bytes), end: () => void socket.end() });
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('data', (bytes: Uint8Array) => client?.receive(bytes));
    socket.on('close', () => {
      sockets.delete(socket);
      if (client === undefined) return;
      client.closed();
      onLeave();
    });
  });
  const close = () => {
    listener.close();
    for (const socket of sockets) socket.destroy();
  };
  return listenOnLoopback(listener, port).then((found) => ({ port: found, close }));
}

/** The port, which is chosen for 0. UsageError: it cannot be had. */
export function listenOnLoopback(listener: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    listener.once('error', (error: NodeJS.ErrnoException) => {
      reject(new UsageError(`cannot listen on ${LOOPBACK}:${port}: ${error.code ?? error.message}`));
    });
    listener.listen(port, LOOPBACK, () => {
      const address = listener.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}
