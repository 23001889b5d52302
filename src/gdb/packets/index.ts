/** Every packet that is answered. */
import { PacketTable } from './define.ts';
import { EVENTS } from './events.ts';
import { FILES } from './files.ts';
import { HANDSHAKE } from './handshake.ts';
import { MEMORY } from './memory.ts';
import { MONITOR } from './monitor.ts';
import { POINTS } from './points.ts';
import { PROCESSES, STARTING } from './processes.ts';
import { REGISTER_PACKETS } from './registers.ts';
import { RESUME } from './resume.ts';
import { THREADS } from './threads.ts';
import { TRANSFER } from './transfer.ts';

export const PACKET_TABLE: PacketTable = new PacketTable([
  ...HANDSHAKE, ...THREADS, ...REGISTER_PACKETS, ...MEMORY, ...POINTS, ...RESUME, ...EVENTS, ...PROCESSES, ...STARTING, ...TRANSFER,
  ...FILES, ...MONITOR,
]); // biome-ignore format: a list
