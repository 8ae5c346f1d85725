/** The demo's few lines on the terminal: steps with their result and time, then a summary. */
export interface Screen {
  /** Runs one step; shows what it came to in the words that it returns. */
  step<T>(
    title: string,
    work: () => Promise<{ readonly value: T; readonly said: string }>,
  ): Promise<T>;
  /** Aligned "name   value" lines under a heading. */
  summary(heading: string, rows: readonly (readonly [string, string])[]): void;
  say(text: string): void;
}

export function createScreen(out: NodeJS.WriteStream): Screen {
  const colour = out.isTTY && process.env['NO_COLOR'] === undefined;
  const paint = (code: number, text: string): string =>
    colour ? `\u001b[${code}m${text}\u001b[0m` : text;
  let number = 0;
  return {
    async step(title, work) {
      const head = `${String(++number).padStart(2)}  ${title}`;
      if (out.isTTY) out.write(`${head} …`);
      const started = performance.now();
      try {
        const { value, said } = await work();
        const seconds = `${((performance.now() - started) / 1000).toFixed(1)} s`;
        const line = `${head.padEnd(46)} ${paint(32, '✓')} ${said}  ${paint(2, seconds)}\n`;
        out.write(out.isTTY ? `\r\u001b[K${line}` : line);
        return value;
      } catch (error) {
        out.write(`${out.isTTY ? '\r\u001b[K' : ''}${head.padEnd(46)} ${paint(31, '✗')}\n`);
        throw error;
      }
    },
    summary(heading, rows) {
      const width = Math.max(...rows.map(([name]) => name.length));
      out.write(`\n${paint(1, heading)}\n`);
      for (const [name, value] of rows) out.write(`  ${paint(2, name.padEnd(width))}  ${value}\n`);
    },
    say: (text) => void out.write(`${text}\n`),
  };
}
