import { PassThrough } from 'node:stream';
import { columns, rows, Terminal } from '#appliance/console/terminal.ts';

/** A terminal with somebody at its keyboard and a screen that can be read. */
export interface TestScreen {
  readonly terminal: Terminal;
  readonly type: (text: string) => void;
  /** What stands on the screen, row by row, without trailing spaces. */
  readonly text: () => string;
  /** Everything that was ever sent to it. */
  readonly sent: () => string;
}

export function testScreen(): TestScreen {
  const input = new PassThrough();
  const output = new PassThrough();
  let sent = '';
  output.on('data', (chunk: Buffer) => (sent += chunk.toString('latin1')));
  return {
    terminal: new Terminal(input, output),
    type: (text) => void input.write(text),
    text: () => render(sent),
    sent: () => sent,
  };
}

/** The part of a terminal that the console uses: clear, move, erase a line, characters. */
export function render(sent: string): string {
  const screen = Array.from({ length: rows }, () => Array.from({ length: columns }, () => ' '));
  let [row, column] = [0, 0];
  // eslint-disable-next-line no-control-regex -- a terminal's own language
  for (const [part, place, what] of sent.matchAll(/\u001B\[([\d;]*)([A-Za-z])|[^]/g)) {
    if (what === 'J') for (const line of screen) line.fill(' ');
    else if (what === 'K') screen[row]?.fill(' ');
    else if (what === 'H')
      [row, column] = (place || '1;1').split(';').map((n) => Number(n) - 1) as [number, number];
    else if (what !== undefined) continue;
    else if (part === '\r') column = 0;
    else if (part === '\n') row++;
    else {
      const line = screen[row];
      if (line !== undefined && column < columns) line[column++] = part;
    }
  }
  return screen.map((line) => line.join('').trimEnd()).join('\n');
}
