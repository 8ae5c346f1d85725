/** What the command line takes from its surroundings; the only place that reads them. */
export interface Environment {
  readonly dataDir: string;
  readonly color: boolean;
  /** Standard error is a terminal that can redraw lines. */
  readonly liveProgress: boolean;
  /** Both ends of a question are there: someone to ask and someone to answer. */
  readonly interactive: boolean;
  /** Columns of standard output; a pipe has no end. */
  readonly width: number;
}

export function readEnvironment(process: NodeJS.Process): Environment {
  const { env, stdin, stdout, stderr } = process;
  const dumb = env['TERM'] === 'dumb';
  return {
    dataDir: env['COLDFRAME_DATA_DIR'] || '/var/lib/coldframe',
    color: stdout.isTTY && !dumb && !env['NO_COLOR'],
    liveProgress: stderr.isTTY && !dumb,
    interactive: stdin.isTTY && stderr.isTTY,
    width: stdout.isTTY ? stdout.columns : Number.POSITIVE_INFINITY,
  };
}
