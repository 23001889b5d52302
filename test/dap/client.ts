/** A client of the Debug Adapter Protocol that is in the same process: sends requests as bytes, awaits what comes back. */
import type { DebugProtocol } from '@vscode/debugprotocol';
import { HOST } from '../../src/cli/commands/dap.ts';
import { Adapter } from '../../src/dap/adapter.ts';
import { MessageReader, writeMessage } from '../../src/dap/framing.ts';

type Message = DebugProtocol.ProtocolMessage;

export class Client {
  readonly messages: Message[] = [];
  readonly adapter: Adapter;
  isClosed = false;
  private readonly _reader = new MessageReader();
  private readonly _waiting: { wants: (message: Message) => boolean; resolve: (message: Message) => void }[] = [];
  private _seq = 0;
  /** Events up to here have been awaited. */
  private _seen = 0;

  constructor() {
    this.adapter = new Adapter(HOST, (bytes) => this._receive(bytes), () => {
      this.isClosed = true;
    }); // biome-ignore format: short
  }

  sendBytes(bytes: Uint8Array): void {
    this.adapter.receive(bytes);
  }

  /** The response; a failed one is thrown as its message. */
  async request<Body = Record<string, unknown>>(command: string, args?: object): Promise<Body> {
    const response = await this.tryRequest(command, args);
    if (!response.success) throw new Error(response.message);
    return response.body as Body;
  }

  async tryRequest(command: string, args?: unknown): Promise<DebugProtocol.Response> {
    const seq = ++this._seq;
    const answer = this._await(
      (message) => message.type === 'response' && (message as DebugProtocol.Response).request_seq === seq,
    );
    this.sendBytes(writeMessage({ seq, type: 'request', command, ...(args !== undefined && { arguments: args }) }));
    return (await answer) as DebugProtocol.Response;
  }

  /** The next event of that name that nobody has awaited yet. */
  async event<Body = Record<string, unknown>>(name: string): Promise<Body> {
    const known = this.messages.findIndex((message, i) => i >= this._seen && isEvent(message, name));
    if (known >= 0) {
      this._seen = known + 1;
      return (this.messages[known] as DebugProtocol.Event).body as Body;
    }
    const message = await this._await((one) => isEvent(one, name));
    this._seen = this.messages.indexOf(message) + 1;
    return (message as DebugProtocol.Event).body as Body;
  }

  stopped = (): Promise<DebugProtocol.StoppedEvent['body']> => this.event('stopped');

  /** Everything that was printed, as the client was told. */
  output(category: string): string {
    const events = this.messages.filter((message) => isEvent(message, 'output')) as DebugProtocol.OutputEvent[];
    return events.filter(({ body }) => body.category === category).map(({ body }) => body.output).join(''); // biome-ignore format: one line
  }

  /** Launches and stops at the entry, unless something else is said. */
  async launch(program: string, more: object = {}, configure?: () => Promise<void>): Promise<void> {
    await this.request('initialize', { adapterID: 'pml4', linesStartAt1: true, columnsStartAt1: true });
    await this.request('launch', { program, stopOnEntry: true, ...more });
    await this.event('initialized');
    await configure?.();
    await this.request('configurationDone');
  }

  /** A request that moves, and the stop it leads to. */
  async move(command: string, args: object = {}): Promise<DebugProtocol.StoppedEvent['body']> {
    await this.request(command, args);
    return await this.stopped();
  }

  async top(threadId: number): Promise<DebugProtocol.StackFrame> {
    const { stackFrames } = await this.request<DebugProtocol.StackTraceResponse['body']>('stackTrace', { threadId });
    return stackFrames[0];
  }

  /** Variables of a scope of a frame, by name. */
  async scope(frameId: number, name: string): Promise<Map<string, DebugProtocol.Variable>> {
    const { scopes } = await this.request<DebugProtocol.ScopesResponse['body']>('scopes', { frameId });
    return await this.variables(scopes.find((scope) => scope.name === name)!.variablesReference);
  }

  async variables(variablesReference: number): Promise<Map<string, DebugProtocol.Variable>> {
    const { variables } = await this.request<DebugProtocol.VariablesResponse['body']>('variables', {
      variablesReference,
    });
    return new Map(variables.map((variable) => [variable.name, variable]));
  }

  private _receive(bytes: Uint8Array): void {
    for (const framed of this._reader.push(bytes)) {
      if ('error' in framed) throw new Error(framed.error);
      const message = framed.message as Message;
      this.messages.push(message);
      const at = this._waiting.findIndex(({ wants }) => wants(message));
      if (at >= 0) this._waiting.splice(at, 1)[0].resolve(message);
    }
  }

  private _await(wants: (message: Message) => boolean): Promise<Message> {
    return new Promise((resolve) => this._waiting.push({ wants, resolve }));
  }
}

const isEvent = (message: Message, name: string): boolean =>
  message.type === 'event' && (message as DebugProtocol.Event).event === name;
