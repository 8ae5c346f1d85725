import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { render } from '#test/unit/appliance/console/screen.ts';
import { until } from './until.ts';

/** Software emulation takes its time for a page that asks several programs. */
const showsMs = 3 * 60_000;

/** Somebody at the appliance's serial line. */
export class SerialConsole implements AsyncDisposable {
  readonly #socket: Socket;
  #sent = '';

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => (this.#sent += chunk.toString('latin1')));
  }

  static async open(path: string): Promise<SerialConsole> {
    const socket = connect(path);
    await once(socket, 'connect');
    return new SerialConsole(socket);
  }

  type(keys: string): void {
    this.#socket.write(keys);
  }

  /** Waits until the screen shows it; returns the whole screen. */
  async shows(wanted: RegExp): Promise<string> {
    return until(`a screen with ${wanted.source}`, showsMs, async () => {
      const screen = render(this.#sent);
      if (wanted.test(screen)) return screen;
      throw new Error(screen);
    });
  }

  everSaid(text: string): boolean {
    return this.#sent.includes(text);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.destroy();
  }
}
