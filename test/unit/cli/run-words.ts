import { runCli } from '#cli/run-cli.ts';

export interface WordsResult {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs one command line in this process; by default no service is there and nobody can be asked. */
export async function runWords(
  words: readonly string[],
  dataDir = '/nonexistent/coldframe',
): Promise<WordsResult> {
  let out = '';
  let err = '';
  const code = await runCli({
    words,
    out: { write: (text) => (out += text) },
    err: { write: (text) => (err += text) },
    environment: {
      dataDir,
      color: false,
      liveProgress: false,
      interactive: false,
      width: Number.POSITIVE_INFINITY,
    },
    signal: new AbortController().signal,
  });
  return { code, out, err };
}
