import { ColdframeError } from '#core/error.ts';

import { readEnvironment } from './environment.ts';
import { runCli } from './run-cli.ts';

const abort = new AbortController();
process.once('SIGINT', () => abort.abort(new ColdframeError('cancelled', 'Interrupted.')));
process.once('SIGTERM', () => abort.abort(new ColdframeError('cancelled', 'Terminated.')));
// `coldframe ... | head`: the reader has enough.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

process.exitCode = await runCli({
  words: process.argv.slice(2),
  out: process.stdout,
  err: process.stderr,
  environment: readEnvironment(process),
  signal: abort.signal,
});
