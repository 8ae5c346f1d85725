import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { createInterface, type Interface } from 'node:readline';

interface QmpMessage {
  readonly return?: unknown;
  readonly error?: { readonly class: string; readonly desc: string };
  readonly event?: string;
  readonly data?: Readonly<Record<string, unknown>>;
}

/** QEMU's machine protocol over its Unix socket: answers come in the order of commands, events are kept for who waits. */
export class Qmp implements Disposable {
  readonly #socket: Socket;
  readonly #lines: Interface;
  readonly #events: QmpMessage[] = [];
  readonly #replies: ((message: QmpMessage) => void)[] = [];

  private constructor(socket: Socket) {
    this.#socket = socket;
    this.#lines = createInterface({ input: socket });
    this.#lines.on('line', (line) => {
      const message = JSON.parse(line) as QmpMessage;
      if (message.event !== undefined) this.#events.push(message);
      else if (message.return !== undefined || message.error !== undefined)
        this.#replies.shift()?.(message);
    });
    // The machine may be killed at any time: whoever waits hears of it.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      for (const reply of this.#replies.splice(0))
        reply({ error: { class: 'Gone', desc: 'the machine is gone' } });
    });
  }

  static async connect(path: string): Promise<Qmp> {
    const socket = connect(path);
    await once(socket, 'connect');
    const qmp = new Qmp(socket);
    await qmp.execute('qmp_capabilities');
    return qmp;
  }

  async execute(
    command: string,
    options: Readonly<Record<string, unknown>> = {},
  ): Promise<unknown> {
    if (this.#socket.destroyed) throw new Error(`QMP ${command}: the machine is gone`);
    const reply = new Promise<QmpMessage>((resolve) => this.#replies.push(resolve));
    this.#socket.write(`${JSON.stringify({ execute: command, arguments: options })}\n`);
    const { error, return: value } = await reply;
    if (error !== undefined) throw new Error(`QMP ${command}: ${error.desc}`);
    return value;
  }

  /** Whether such an event has come; each is reported once. */
  takeEvent(name: string, matches: (data: Readonly<Record<string, unknown>>) => boolean): boolean {
    const index = this.#events.findIndex(
      ({ event, data }) => event === name && matches(data ?? {}),
    );
    if (index >= 0) this.#events.splice(index, 1);
    return index >= 0;
  }

  [Symbol.dispose](): void {
    this.#lines.close();
    this.#socket.destroy();
  }
}
