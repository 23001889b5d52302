/** A TCP port of this computer alone, handed to the gdb server connection by connection. */
import { createServer, type Socket } from 'node:net';
import { UsageError } from '../base/invariant.ts';
import type { GdbServer } from '../gdb/server.ts';

/** Never another interface: whoever can connect can do with the guest what he likes. */
const LOOPBACK = '127.0.0.1';

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
  return new Promise((resolve, reject) => {
    listener.on('error', (error: NodeJS.ErrnoException) => {
      reject(new UsageError(`cannot listen on ${LOOPBACK}:${port}: ${error.code ?? error.message}`));
    });
    listener.listen(port, LOOPBACK, () => {
      const address = listener.address();
      const close = () => {
        listener.close();
        for (const socket of sockets) socket.destroy();
      };
      resolve({ port: typeof address === 'object' && address !== null ? address.port : port, close });
    });
  });
}
